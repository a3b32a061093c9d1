/** Rounds one after the other, and the account of them all. */
import { Memory } from './memory.ts'
import { openProcessWorld } from './process/world.ts'
import { openQuickWorld } from './quick/world.ts'
import { playRound, type RoundPlan, type RoundReport } from './round.ts'

type Kind = 'process' | 'quick'
export type Engine = Kind | 'mixed'

export interface RunOptions {
  readonly rounds: number
  /** Of the first round; each next one has the next number. */
  readonly seed: number
  readonly engine: Engine
  told?(round: {
    readonly index: number
    readonly seed: number
    readonly kind: Kind
    readonly ms: number
    readonly report: RoundReport
  }): void
}

export interface RunReport {
  readonly rounds: number
  readonly byKind: Readonly<Record<Kind, number>>
  readonly ms: number
  readonly commands: number
  readonly acknowledged: number
  readonly faults: ReadonlyMap<string, number>
  /** The most memory that a hub in a process of its own had. */
  readonly peakBytes: number
  readonly heapMb: readonly number[]
  readonly violations: readonly {
    readonly seed: number
    readonly kind: Kind
    readonly rule: string
    readonly message: string
  }[]
}

const PLANS: Readonly<Record<Kind, Omit<RoundPlan, 'seed'>>> = {
  process: { open: openProcessWorld, steps: [8, 20], harm: 0.4, pauseMs: 20 },
  quick: { open: openQuickWorld, steps: [8, 26], harm: 0.35, pauseMs: 0 },
}

/** Real processes take time: every so many rounds of a mixed run has them. */
const PROCESS_EVERY = 25
const MOST_RESIDENT_BYTES = 400 * 2 ** 20

export async function runRounds({ rounds, seed: first, engine, told }: RunOptions): Promise<RunReport> {
  const start = Date.now()
  const faults = new Map<string, number>()
  const violations: RunReport['violations'][number][] = []
  const byKind = { process: 0, quick: 0 }
  const memory = new Memory()
  let [commands, acknowledged, peakBytes] = [0, 0, 0]
  for (let index = 0; index < rounds; index += 1) {
    const seed = first + index
    const kind = engine === 'mixed' ? (seed % PROCESS_EVERY === 0 ? 'process' : 'quick') : engine
    const begin = Date.now()
    const report = await playRound({ ...PLANS[kind], seed })
    byKind[kind] += 1
    commands += report.commands
    acknowledged += report.acknowledged
    peakBytes = Math.max(peakBytes, report.residentBytes)
    for (const [fault, times] of report.faults) faults.set(fault, (faults.get(fault) ?? 0) + times)
    for (const violation of report.violations) violations.push({ seed, kind, ...violation })
    if (report.residentBytes > MOST_RESIDENT_BYTES)
      violations.push({ seed, kind, rule: 'memory', message: `the hub had ${report.residentBytes} bytes` })
    told?.({ index, seed, kind, ms: Date.now() - begin, report })
    memory.look(index)
  }
  if (memory.problem !== null)
    violations.push({ seed: first, kind: 'quick', rule: 'memory', message: memory.problem })
  const heapMb = memory.trendMb
  return {
    rounds,
    byKind,
    ms: Date.now() - start,
    commands,
    acknowledged,
    faults,
    peakBytes,
    heapMb,
    violations,
  }
}
