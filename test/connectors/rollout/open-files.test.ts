import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { OpenFiles } from '../../../src/connectors/rollout/open-files.ts'

it('[ROL36] all who ask while a pass goes on share the next one, and nobody has an answer from before he asked', async () => {
  const passes: { paths: string[]; end: (found: ReadonlyMap<string, number>) => void }[] = []
  const files = new OpenFiles((paths) => {
    const { promise, resolve } = Promise.withResolvers<ReadonlyMap<string, number>>()
    passes.push({ paths: [...paths], end: resolve })
    return promise
  })
  const early = [files.writerOf(['/a']), files.writerOf(['/b', '/c'])]
  await expect.poll(() => passes.length).toBe(1)
  const late = Array.from({ length: 500 }, (_, index) => files.writerOf([`/late-${index % 50}`]))
  const again = files.writerOf(['/a'])
  passes[0]?.end(new Map([['/c', 7]]))
  expect(await Promise.all(early)).toEqual([null, 7])
  await expect.poll(() => passes.length).toBe(2)
  passes[1]?.end(
    new Map([
      ['/a', 8],
      ['/late-3', 9],
    ]),
  )
  expect(await again).toBe(8)
  expect((await Promise.all(late)).filter((pid) => pid === 9)).toHaveLength(10)
  expect(passes.map(({ paths }) => paths.length)).toEqual([3, 51])
})

it('[ROL36] a pass that fails fails those who asked for it, and the next one goes on', async () => {
  let passes = 0
  const files = new OpenFiles(async () => {
    passes += 1
    if (passes === 1) throw new Error('no room')
    return new Map([['/a', 5]])
  })
  await expect(files.writerOf(['/a'])).rejects.toThrow('no room')
  expect(await files.writerOf(['/a'])).toBe(5)
})

it.skipIf(process.platform !== 'linux')(
  '[ROL36] who has a file open for writing is found, and a reader is not',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'open-'))
    const [written, read] = [join(folder, 'written'), join(folder, 'read')]
    writeFileSync(read, '')
    const handles = [openSync(written, 'a'), openSync(read, 'r')]
    try {
      const files = new OpenFiles()
      expect(await Promise.all([files.writerOf([read, written]), files.writerOf([read])])).toEqual([
        process.pid,
        null,
      ])
      closeSync(handles[0] as number)
      expect(await files.writerOf([written])).toBeNull()
    } finally {
      closeSync(handles[1] as number)
      rmSync(folder, { recursive: true })
    }
  },
)
