/** Rounds one after the other, and the account of them all. */
import { openProcessWorld } from './process/world.ts'
import { playRound, type RoundPlan, type RoundReport } from './round.ts'

export interface RunOptions {
  readonly rounds: number
  /** Of the first round; each next one has the next number. */
  readonly seed: number
  told?(round: {
    readonly index: number
    readonly seed: number
    readonly kind: 'process' | 'quick'
    readonly ms: number
    readonly report: RoundReport
  }): void
}

export interface RunReport {
  readonly rounds: number
  readonly byKind: { readonly process: number; readonly quick: number }
  readonly ms: number
  readonly commands: number
  readonly acknowledged: number
  readonly faults: ReadonlyMap<string, number>
  readonly peakBytes: number
  readonly heapMb: readonly number[]
  readonly violations: readonly {
    readonly seed: number
    readonly kind: 'process' | 'quick'
    readonly rule: string
    readonly message: string
  }[]
}

const PLANS = {
  process: { open: openProcessWorld, steps: [8, 20], harm: 0.4, pauseMs: 20, bigBytes: 100_000 },
} as const satisfies Record<string, Omit<RoundPlan, 'seed'>>

export async function runRounds({ rounds, seed: first, told }: RunOptions): Promise<RunReport> {
  const start = Date.now()
  const faults = new Map<string, number>()
  const violations: RunReport['violations'][number][] = []
  const byKind = { process: 0, quick: 0 }
  let [commands, acknowledged, peakBytes] = [0, 0, 0]
  for (let index = 0; index < rounds; index += 1) {
    const seed = first + index
    const kind = 'process'
    const begin = Date.now()
    const report = await playRound({ ...PLANS[kind], seed })
    byKind[kind] += 1
    commands += report.commands
    acknowledged += report.acknowledged
    peakBytes = Math.max(peakBytes, report.residentBytes)
    for (const [fault, times] of report.faults) faults.set(fault, (faults.get(fault) ?? 0) + times)
    for (const violation of report.violations) violations.push({ seed, kind, ...violation })
    told?.({ index, seed, kind, ms: Date.now() - begin, report })
  }
  return {
    rounds,
    byKind,
    ms: Date.now() - start,
    commands,
    acknowledged,
    faults,
    peakBytes,
    heapMb: [],
    violations,
  }
}
