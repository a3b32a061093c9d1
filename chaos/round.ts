/**
 * One round: people use a hub, things go wrong, everything is mended, and then every promise is checked, before and
 * after one more restart. Its seed decides what is done and what goes wrong, in which order; what real processes make
 * of it in time is their own.
 */
import type { Stage } from './actions.ts'
import { Facts } from './facts.ts'
import { Link } from './link.ts'
import { type PlayPlan, play } from './play.ts'
import { Gate, scriptOf } from './prompts.ts'
import { Random } from './random.ts'
import { rest } from './rest.ts'
import { Timeline } from './timeline.ts'
import { Violation, within } from './waiting.ts'
import type { OpenWorld } from './world.ts'

export interface RoundPlan extends PlayPlan {
  readonly seed: number
  readonly open: OpenWorld
  /** Between the words of a long answer. */
  readonly pauseMs: number
}

/** Sizes of a long piece of an answer: usual, over what is shown of one, and over what a line should be. */
const BIG_BYTES = [2_000, 2_000, 2_000, 200_000, 1_500_000, 20 * 2 ** 20] as const

export interface RoundReport {
  readonly faults: ReadonlyMap<string, number>
  readonly commands: number
  readonly acknowledged: number
  readonly violations: readonly { readonly rule: string; readonly message: string }[]
  readonly residentBytes: number
  /** What happened, and how the world was in the end; empty where every promise held. */
  readonly timeline: readonly string[]
}

export async function playRound(plan: RoundPlan): Promise<RoundReport> {
  const random = new Random(plan.seed)
  const timeline = new Timeline()
  const facts = new Facts(timeline)
  const gate = new Gate()
  const links: Link[] = []
  const faults = new Map<string, number>()
  const violations: { rule: string; message: string }[] = []
  const note = (error: unknown): void => {
    const rule = error instanceof Violation ? error.rule : 'threw'
    timeline.note(`VIOLATED: ${rule}`)
    violations.push({
      rule,
      message: error instanceof Violation ? error.message : String((error as Error).stack),
    })
  }
  const moved = (port: number | null): void => {
    for (const link of links) {
      link.wire.target = port
      if (port === null) link.wire.cut()
    }
  }
  const bigBytes = random.pick(BIG_BYTES)
  const script = scriptOf(gate, { pauseMs: plan.pauseMs, bigBytes })
  const world = await plan.open({ script, random: random.fork(), bigBytes, moved, timeline })
  let residentBytes = 0
  try {
    if (!world.address) throw new Error('the world has no hub')
    for (const name of ['laptop', 'phone', 'agent'])
      links.push(await Link.open(name, world.address, random.fork()))
    const stage: Stage = {
      facts,
      links,
      project: world.project,
      random,
      timeline,
      openGate: () => gate.open(),
    }
    const struck = (kind: string): void => count(faults, kind, 1)
    await play(plan, stage, world, struck, note)
    await rest(stage, world)
    residentBytes = world.residentBytes()
  } catch (error) {
    note(error)
  }
  const account = [timeline.machine(), ...world.account()]
  for (const link of links) {
    count(faults, 'frame dropped', link.frames.dropped)
    count(faults, 'frame repeated', link.frames.repeated)
    link.close()
  }
  gate.open()
  for (const complaint of world.complaints()) violations.push({ rule: 'complaint', message: complaint })
  const left = await within('orphan', 'the end of the world', world.close(), world.patienceMs * 2).catch(
    (error) => [String(error)],
  )
  for (const message of left) violations.push({ rule: 'orphan', message })
  const { commands } = facts
  const acknowledged = commands.filter(({ outcome }) => outcome === 'done').length
  const told = violations.length === 0 ? [] : [...timeline.lines, ...account]
  return { faults, commands: commands.length, acknowledged, violations, residentBytes, timeline: told }
}

function count(faults: Map<string, number>, kind: string, times: number): void {
  if (times > 0) faults.set(kind, (faults.get(kind) ?? 0) + times)
}
