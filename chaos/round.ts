/**
 * One round: people use a hub, things go wrong, everything is mended, and then every promise is checked, before and
 * after one more restart. Its seed decides what is done and what goes wrong, in which order; what real processes make
 * of it in time is their own.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { act, decideAs, type Stage } from './actions.ts'
import { repeatAll } from './commands.ts'
import { Facts } from './facts.ts'
import { checkClients, checkFacts, checkRest, checkSame, checkTruth } from './invariants.ts'
import { Link } from './link.ts'
import { linkFaults } from './link-faults.ts'
import { Observer, type Remembered } from './observer.ts'
import { Gate, scriptOf } from './prompts.ts'
import { Random } from './random.ts'
import { Violation, waitFor, within } from './waiting.ts'
import type { Fault, OpenWorld, World } from './world.ts'

export interface RoundPlan {
  readonly seed: number
  readonly open: OpenWorld
  /** Least and most of what happens in it. */
  readonly steps: readonly [number, number]
  /** How likely a step is a fault. */
  readonly harm: number
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
}

const AT_REST: ReadonlySet<string> = new Set(['idle', 'dormant', 'closed', 'failed', 'parked'])
/** What may be under way at once. */
const MOST_PENDING = 6

export async function playRound(plan: RoundPlan): Promise<RoundReport> {
  const random = new Random(plan.seed)
  const facts = new Facts()
  const gate = new Gate()
  const links: Link[] = []
  const faults = new Map<string, number>()
  const violations: { rule: string; message: string }[] = []
  const note = (error: unknown): void => {
    const rule = error instanceof Violation ? error.rule : 'threw'
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
  const world = await plan.open({ script, random: random.fork(), bigBytes, moved })
  let residentBytes = 0
  try {
    if (!world.address) throw new Error('the world has no hub')
    for (const name of ['laptop', 'phone', 'agent'])
      links.push(await Link.open(name, world.address, random.fork()))
    const stage: Stage = { facts, links, project: world.project, random, openGate: () => gate.open() }
    await play(plan, stage, world, faults, note)
    await rest(stage, world)
    residentBytes = world.residentBytes()
  } catch (error) {
    note(error)
  }
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
  return { faults, commands: commands.length, acknowledged, violations, residentBytes }
}

async function play(
  { steps: [least, most], harm }: RoundPlan,
  stage: Stage,
  world: World,
  faults: Map<string, number>,
  note: (error: unknown) => void,
): Promise<void> {
  const { random, links } = stage
  const pending = new Set<Promise<unknown>>()
  const kinds: readonly Fault[] = [...world.faults, ...linkFaults(stage)]
  for (let left = random.int(least, most); left > 0; left -= 1) {
    if (random.chance(harm)) {
      const fault = random.weighted(kinds)
      if (await fault.inject()) count(faults, fault.kind, 1)
    } else {
      const action = act(stage)?.catch(note)
      if (action) {
        pending.add(action)
        void action.finally(() => pending.delete(action))
      }
    }
    // Where a fault strikes is left to chance: now, or when something is well under way.
    if (random.chance(0.5)) await delay(random.int(0, world.kind === 'quick' ? 10 : 250))
    if (pending.size >= MOST_PENDING)
      await Promise.race([...pending, delay(world.kind === 'quick' ? 40 : 500)])
  }
  await world.heal()
  for (const link of links) link.heal()
  stage.openGate()
  await waitFor(
    'unanswered',
    () => pending.size === 0,
    () => tellUnanswered(stage),
    world.patienceMs,
  )
}

/** The commands without an answer, and how their sessions and clients are. */
function tellUnanswered({ facts, links }: Stage): string {
  const open = facts.commands.filter(({ outcome }) => outcome === 'pending')
  const asked = open.map(({ method, params }) => `${method} ${params.sessionId ?? ''}`)
  const seen = links.map(({ name, hub }) => ({
    name,
    connection: hub.connection.getSnapshot(),
    sessions: [...facts.sessions.keys()].map((id) => {
      const { status, state } = hub.session(id).getSnapshot()
      const { phase, door, problem } = state?.summary ?? {}
      return { id, status, phase, door, problem, turns: state?.turns.map((turn) => turn.status) }
    }),
  }))
  return JSON.stringify({ asked, seen })
}

/** Everything is whole again. Let all of it end, look, restart, and look again. */
async function rest(stage: Stage, world: World): Promise<void> {
  const { facts, links } = stage
  let observer = new Observer(world)
  try {
    await quiet(stage, world, observer)
    for (const link of links) link.wake()
    await checkClients(observer, links, facts, world.patienceMs)
    const before = await look(facts, world, observer)
    observer.close()
    await world.restart(stage.random.chance(0.5) ? 'kill' : 'stop')
    observer = new Observer(world)
    await quiet(stage, world, observer)
    const after = await look(facts, world, observer)
    for (const [id, remembered] of before) checkSame(remembered, after.get(id) as Remembered)
    await repeatAll(facts, observer.hub)
    await checkClients(observer, links, facts, world.patienceMs)
  } finally {
    observer.close()
  }
}

/** Resolves when every session is at rest and every approval answered. */
async function quiet({ facts, openGate }: Stage, world: World, observer: Observer): Promise<void> {
  const rows = await observer.sessions()
  for (const id of facts.made) {
    if (!rows.some((session) => session.id === id)) throw new Violation('lost', `there is no session ${id}`)
  }
  // One that was seen while it was being made and came to nothing is gone; one that others began is there.
  for (const id of facts.sessions.keys())
    if (!rows.some((session) => session.id === id)) facts.sessions.delete(id)
  for (const { id } of rows) facts.session(id)
  const states = () => [...facts.sessions.keys()].map((id) => ({ id, ...observer.follow(id).getSnapshot() }))
  await waitFor(
    'stuck',
    async () => {
      openGate()
      for (const { id, state } of states()) {
        const open = state?.approvals.find((approval) => approval.state === 'pending')
        if (open) await decideAs(facts, observer.hub, id, open.id, 'accept')
      }
      return states().every(
        ({ state, status }) =>
          status === 'live' &&
          state !== null &&
          AT_REST.has(state.summary.phase) &&
          state.turns.every((turn) => turn.status !== 'inProgress') &&
          (state.queue.entries.length === 0 || state.queue.hold !== null),
      )
    },
    () =>
      JSON.stringify(
        states().map(({ id, status, error, state }) => ({
          id,
          status,
          error: error?.message,
          phase: state?.summary.phase,
          problem: state?.summary.problem,
          turns: state?.turns,
          queue: state?.queue,
          approvals: state?.approvals.map(({ id, state }) => [id, state]),
        })),
      ),
    world.patienceMs,
  )
}

async function look(facts: Facts, world: World, observer: Observer): Promise<Map<string, Remembered>> {
  const all = new Map<string, Remembered>()
  for (const session of facts.sessions.values()) {
    const known = await observer.remembered(session.id)
    all.set(session.id, known)
    checkRest(known)
    checkFacts(session, known)
    const { threadId } = known.summary
    const truth = threadId === null ? null : await world.truth(threadId)
    if (truth) checkTruth(known, truth)
  }
  return all
}

function count(faults: Map<string, number>, kind: string, times: number): void {
  if (times > 0) faults.set(kind, (faults.get(kind) ?? 0) + times)
}
