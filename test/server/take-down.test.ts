import { expect, it } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import { takeDown } from '../../src/server/take-down.ts'

it('[REC30] what cannot be ended when a hub stops keeps nothing else open, and is told once all is done', async () => {
  const done: string[] = []
  const steps = [
    () => done.push('search'),
    async () => {
      throw new Error('the disk is full')
    },
    () => {
      throw new Error('and that is told after it')
    },
    async () => done.push('lock'),
  ]
  await expect(takeDown(steps, silentLog)).rejects.toThrow('the disk is full')
  expect(done).toEqual(['search', 'lock'])
})
