/** The second part of a round: everything is whole again, and every promise is checked, before and after one more restart. */
import { decideAs, type Stage } from './actions.ts'
import { repeatAll } from './commands.ts'
import type { Facts } from './facts.ts'
import { checkClients, checkFacts, checkRest, checkSame, checkTruth } from './invariants.ts'
import { Observer, type Remembered } from './observer.ts'
import { Violation, waitFor } from './waiting.ts'
import type { World } from './world.ts'

const AT_REST: ReadonlySet<string> = new Set(['idle', 'dormant', 'closed', 'failed', 'parked'])

/** Everything is whole again. Let all of it end, look, restart, and look again. */
export async function rest(stage: Stage, world: World): Promise<void> {
  const { facts, links } = stage
  let observer = new Observer(world)
  try {
    await quiet(stage, world, observer)
    for (const link of links) link.wake()
    await checkClients(observer, links, facts, world.patienceMs)
    const before = await look(facts, world, observer)
    observer.close()
    const how = stage.random.chance(0.5) ? 'kill' : 'stop'
    stage.timeline.note(`all holds; now a restart (${how})`)
    await world.restart(how)
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
