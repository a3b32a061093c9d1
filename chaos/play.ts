/** The first part of a round: people use the hub while things go wrong, until all is mended and every command answered. */
import { setTimeout as delay } from 'node:timers/promises'
import { act, type Stage } from './actions.ts'
import { linkFaults } from './link-faults.ts'
import { waitFor } from './waiting.ts'
import type { Fault, World } from './world.ts'

/** What may be under way at once. */
const MOST_PENDING = 6

export interface PlayPlan {
  /** Least and most of what happens in it. */
  readonly steps: readonly [number, number]
  /** How likely a step is a fault. */
  readonly harm: number
}

/** @param struck told of each fault */
export async function play(
  { steps: [least, most], harm }: PlayPlan,
  stage: Stage,
  world: World,
  struck: (kind: string) => void,
  note: (error: unknown) => void,
): Promise<void> {
  const { random, links } = stage
  const pending = new Set<Promise<unknown>>()
  const kinds: readonly Fault[] = [...world.faults, ...linkFaults(stage)]
  for (let left = random.int(least, most); left > 0; left -= 1) {
    if (random.chance(harm)) {
      const fault = random.weighted(kinds)
      stage.timeline.note(`fault: ${fault.kind}`)
      if (await fault.inject()) struck(fault.kind)
      else stage.timeline.note(`nothing for "${fault.kind}" to strike`)
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
  stage.timeline.note('all is mended')
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
