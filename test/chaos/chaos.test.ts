/** The short form of the fault runs; `npm run chaos` plays as many rounds as one likes. */
import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runRounds } from '../../chaos/run.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'

/** Processes are found by their environment, and what Codex wrote down is read as 0.169 writes it. */
const canPlay = existsSync('/proc') && (await versionOfTestCodex()).startsWith('0.169.')

/** In the second one sessions share a process. */
it.runIf(canPlay).each([12, 11])(
  '[CHA1] whoever is killed in round %i, hub, Codex or warden: what was acknowledged is there, once, as Codex has it, and no process is left',
  async (seed) => {
    const { rounds, violations } = await runRounds({ rounds: 1, seed, engine: 'process' })
    expect({ rounds, violations }).toEqual({ rounds: 1, violations: [] })
  },
  180_000,
)

it.each([2, 1009, 2005, 5018, 30006, 41122, 42097, 50126])(
  '[CHA2] whatever the disk, the clock, the connections and Codex do in round %i, all promises hold when it is over',
  async (seed) => {
    const { violations } = await runRounds({ rounds: 1, seed, engine: 'quick' })
    expect(violations).toEqual([])
  },
  60_000,
)
