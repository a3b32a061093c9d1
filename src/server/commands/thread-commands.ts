/** Goals, proposed plans and background commands of a session. */
import { clearGoal, readGoal, setGoal } from '../../connectors/codex/operations/goal.ts'
import {
  cleanTerminals,
  listTerminals,
  terminateTerminal,
} from '../../connectors/codex/operations/terminals.ts'
import type { ThreadLine } from '../../connectors/codex/requests.ts'
import { HubError } from '../../protocol/errors.ts'
import type { THREAD_COMMANDS } from '../../protocol/methods/thread-commands.ts'
import type { HubRooms } from '../rooms.ts'
import { asWireErrors } from '../session/connector-failure.ts'
import type { Session } from '../session/session.ts'
import { actorOf } from './actor.ts'
import type { Handlers } from './dispatch.ts'
import { askThere } from './place.ts'
import { decidePlan } from './plan.ts'

/** So much of a background command's output is listed. UTF-16 units. */
const OUTPUT_UNITS = 4_096

export const threadCommandHandlers: Pick<Handlers, keyof typeof THREAD_COMMANDS> = {
  async 'goal/get'(rooms, { sessionId }) {
    const { threadId } = rooms.registry.get(sessionId).summary
    if (threadId === null) return { goal: null }
    return askThere(rooms, { sessionId }, async ({ line }) => ({ goal: await readGoal(line, threadId) }))
  },
  async 'goal/set'(rooms, { sessionId, objective, status, tokenBudget }) {
    if (objective === undefined && status === undefined && tokenBudget === undefined) {
      throw new HubError('invalidParams', 'Name an objective, a status or a budget.', {
        fields: ['objective', 'status', 'tokenBudget'],
      })
    }
    return onThread(rooms, sessionId, async (line) => ({
      goal: await setGoal(line, line.threadId, { objective, status, tokenBudget }),
    }))
  },
  async 'goal/clear'(rooms, { sessionId }) {
    return onThread(rooms, sessionId, async (line) => ({ cleared: await clearGoal(line, line.threadId) }))
  },
  async 'plan/decide'(rooms, { commandId, sessionId, itemId, decision, input }, client) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    return decidePlan(session, {
      commandId,
      itemId,
      decision,
      input,
      by: actorOf(client),
      at: rooms.clock.now(),
    })
  },
  async 'terminal/list'(rooms, { sessionId }) {
    const session = rooms.registry.get(sessionId)
    const line = openLine(session)
    // Where no process is, nothing goes on in its background.
    if (!line) return { terminals: [] }
    await session.record.hydrate()
    const running = await asWireErrors(() => listTerminals(line))
    return { terminals: running.map((each) => ({ ...each, output: outputOf(session, each.itemId) })) }
  },
  async 'terminal/terminate'(rooms, { sessionId, processId }) {
    const line = openLine(rooms.registry.get(sessionId))
    if (!line) throw new HubError('notPossible', 'Nothing runs for this session.', { reason: 'notLive' })
    const running = await asWireErrors(() => listTerminals(line))
    if (processId === undefined) {
      if (running.length > 0) await asWireErrors(() => cleanTerminals(line))
      return { terminated: running.length > 0 }
    }
    if (!running.some((each) => each.processId === processId)) {
      throw new HubError('notFound', `No command ${processId} runs in the background.`, {
        processId,
        running: running.map((each) => each.processId),
      })
    }
    return { terminated: await asWireErrors(() => terminateTerminal(line, processId)) }
  },
}

/** The session's own app-server, resumed where nothing runs. @throws HubError */
async function onThread<T>(
  rooms: HubRooms,
  sessionId: string,
  run: (line: ThreadLine) => Promise<T>,
): Promise<T> {
  const session = rooms.registry.get(sessionId)
  await session.record.hydrate()
  const { line, codexVersion } = await session.ensureLive()
  if (line) return asWireErrors(() => run(line))
  throw new HubError('unsupported', 'Nothing behind this session can be asked.', { codexVersion })
}

function openLine(session: Session): ThreadLine | null {
  return session.door.isOpen ? (session.connector?.line ?? null) : null
}

function outputOf(session: Session, itemId: string): string {
  const text = session.record.state.items.findLast(({ id }) => id === itemId)?.body.aggregatedOutput
  return typeof text === 'string' ? text.slice(-OUTPUT_UNITS) : ''
}
