import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder } from './folder.ts'

const PROGRAM = new URL('../fixtures/programs/remembers.ts', import.meta.url).pathname
const ROUNDS = 20

/** Numbers below `limit`, the same in every run. */
function seeded(seed: number) {
  let state = seed
  return (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % limit
  }
}

test('[STO23] kill -9 at any moment loses nothing that was acknowledged', { timeout: 120_000 }, async () => {
  const folder = await makeFolder()
  const random = seeded(20_261_121)
  let next = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = spawn(process.execPath, [PROGRAM, folder, String(next)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const exit = once(child, 'exit')
    let lines = 1 + random(60)
    let acknowledged = -1
    for await (const line of createInterface({ input: child.stdout })) {
      // Lines that come after the kill were acknowledged before it.
      acknowledged = Number(line)
      lines -= 1
      if (lines === 0) child.kill('SIGKILL')
    }
    expect(await exit).toEqual([null, 'SIGKILL'])
    const database = new Database(join(folder, 'hub.sqlite'))
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    const seqs = database.prepare('select seq from items order by seq').pluck().all() as number[]
    database.close()
    // Without holes: what was written later is never there without what was written before it.
    expect(seqs).toEqual(Array.from(seqs.keys()))
    expect(seqs.length).toBeGreaterThan(acknowledged)
    next = seqs.length
  }
})
