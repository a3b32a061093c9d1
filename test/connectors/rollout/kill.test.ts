import { fork } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RolloutReader } from '../../../src/connectors/rollout/reader.ts'
import { seededRandom } from '../../harness/random.ts'
import { event, readAll, recordingPath } from './rollouts.ts'

const PROGRAM = join(import.meta.dirname, '../../fixtures/programs/follows-rollout.ts')
const ROUNDS = 25

test.each([
  ['0.98.0', 1],
  ['0.142.0', 2],
  ['0.169.0', 3],
])(
  '[ROL33] a reader killed at random moments while a rollout of %s grows ends up with what a full read gives (seed %i)',
  async (version, seed) => {
    const next = seededRandom(seed)
    const folder = mkdtempSync(join(tmpdir(), 'rollout-kill-'))
    const rollout = join(folder, 'rollout-2026-01-01T00-00-00-01a1fbca-8c39-7a63-9526-929512ff68b1.jsonl')
    const store = join(folder, 'store.json')
    try {
      const recording = readFileSync(recordingPath(version))
      // A line longer than the reader's limit in the middle, so that some kills fall into one that is passed over.
      const half = recording.indexOf(10, recording.length / 2) + 1
      const long = Buffer.from(event('agent_message', { message: 'x'.repeat(30_000) }))
      const content = Buffer.concat([recording.subarray(0, half), long, recording.subarray(half)])
      writeFileSync(rollout, '')
      let written = 0
      const grow = (bytes: number): void => {
        appendFileSync(rollout, content.subarray(written, written + bytes))
        written += bytes
      }
      for (let round = 0; round <= ROUNDS; round += 1) {
        const isLast = round === ROUNDS
        // Never a whole number of lines: every end of the file is torn.
        grow(isLast ? content.length : Math.ceil((content.length / ROUNDS) * next()))
        let stepsLeft = 1 + Math.floor(next() * 30)
        const child = fork(PROGRAM, [rollout, store])
        const gone = new Promise((resolve) => child.once('exit', resolve))
        child.on('message', (step) => {
          stepsLeft -= 1
          if (!isLast && stepsLeft > 0 && next() < 0.3) grow(Math.ceil(next() * 500))
          if (isLast ? step === 'end' : stepsLeft === 0) child.kill('SIGKILL')
        })
        await gone
      }
      const stored = JSON.parse(readFileSync(store, 'utf8'))
      const fresh = await readAll(new RolloutReader([rollout], null, { maxLineBytes: 20_000 }))
      expect(stored.events.filter((each: { type: string }) => each.type === 'warning').length).toBe(1)
      expect(stored.events).toEqual(fresh.events)
      expect(stored.state).toEqual(fresh.state)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
