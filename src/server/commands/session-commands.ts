/** Commands on sessions. Each runs under a receipt; its answer is given after its facts are on disk. */
import { HubError } from '../../protocol/errors.ts'
import type { Input } from '../../protocol/input.ts'
import { lookAtGit } from '../read-git.ts'
import type { HubRooms } from '../rooms.ts'
import { asWireErrors, wireErrorOf } from '../session/connector-failure.ts'
import { runningTurn } from '../session/derive.ts'
import type { Session } from '../session/session.ts'
import { patch } from '../session/summary-patch.ts'
import { promptText } from '../session/words.ts'
import { actorOf } from './actor.ts'
import { checkSettings } from './check-settings.ts'
import type { Handlers } from './dispatch.ts'
import { startTurn } from './prompts.ts'
import { sendPrompt } from './send.ts'
import { inFolder } from './worktrees.ts'

type Names =
  | 'session/create'
  | 'session/fork'
  | 'session/send'
  | 'session/interrupt'
  | 'session/resume'
  | 'session/end'
  | 'session/rename'
  | 'session/configure'
  | 'session/markRead'
  | 'approval/decide'

/** How long an ending session's turn may take to stop before its process is told to end. Milliseconds. */
const INTERRUPT_MS = 3_000

export const commandHandlers: Pick<Handlers, Names> = {
  async 'session/create'(
    rooms,
    { commandId, cwd, settings, name, input, worktree: wanted, isolation },
    client,
  ) {
    const createdBy = rooms.agents.originOf(client, commandId)
    await checkSettings(rooms, null, settings, cwd)
    const words = name ?? (input ? promptText(input) : 'session')
    const { session, worktree } = await inFolder(rooms, { cwd, worktree: wanted, words }, async (folder) => ({
      session: await asWireErrors(() => rooms.registry.create(folder, settings, { createdBy, isolation })),
    }))
    lookAtGit(session)
    if (name !== undefined) await nameNew(rooms, session, name)
    const start = (prompt: Input) => () =>
      session.record.keep(() => startTurn(session, { commandId, input: prompt }))
    // The prompt can be sent again to it.
    const turnId = input ? await orProblem(rooms, session, start(input)) : null
    return { session: session.summary, turnId, worktree }
  },
  async 'session/fork'(
    rooms,
    { commandId, sessionId, throughTurnId, settings, cwd, name, worktree: wanted },
    client,
  ) {
    const createdBy = rooms.agents.originOf(client, commandId)
    const origin = rooms.registry.get(sessionId)
    await origin.record.hydrate()
    const { threadId, counters } = origin.summary
    if (threadId === null || counters.turns === 0) {
      throw new HubError('notPossible', 'Nothing was said in this session; there is nothing to fork.', {
        reason: 'noTurns',
      })
    }
    const lastTurnId = throughTurnId === undefined ? undefined : await endedTurn(rooms, origin, throughTurnId)
    await checkSettings(rooms, origin, settings)
    const fork = {
      threadId,
      codexHome: origin.record.stored.codexHome,
      ...(lastTurnId === undefined ? {} : { lastTurnId }),
    }
    const { isolation } = origin.record.stored
    const place = { cwd: cwd ?? origin.summary.cwd, worktree: wanted, words: name ?? origin.summary.title }
    const { session, worktree } = await inFolder(rooms, place, async (folder) => ({
      session: await asWireErrors(() =>
        rooms.registry.create(folder, settings, { fork, createdBy, isolation }),
      ),
    }))
    session.facts.apply(patch(session.summary, { forkedFromThreadId: threadId }))
    lookAtGit(session)
    if (name !== undefined) await nameNew(rooms, session, name)
    return { session: session.summary, worktree }
  },
  'session/send': sendPrompt,
  async 'session/interrupt'(rooms, { sessionId, turnId }) {
    const session = rooms.registry.get(sessionId)
    const running = session.connector ? runningTurn(session.record.state) : undefined
    const connector = session.connector
    if (!connector || !running) {
      throw new HubError('notPossible', 'No turn is running.', { phase: session.phase })
    }
    if (turnId !== undefined && turnId !== running.id) {
      throw new HubError('stale', `Turn ${turnId} is not the running one.`, { running: running.id })
    }
    await asWireErrors(() => connector.interrupt(running.id))
    return { turnId: running.id }
  },
  async 'session/resume'(rooms, { sessionId }) {
    const session = rooms.registry.get(sessionId)
    await session.ensureLive()
    lookAtGit(session)
    return { session: session.summary }
  },
  async 'session/end'(rooms, { sessionId, force }) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    if (!force) await interruptFirst(rooms, session)
    await rooms.registry.stop(sessionId, { force })
    return { session: session.summary }
  },
  async 'session/rename'(rooms, { sessionId, name }) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    await rename(rooms, session, name)
    return { session: session.summary }
  },
  async 'session/configure'(rooms, { sessionId, settings }) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    await checkSettings(rooms, session, settings)
    await asWireErrors(() => session.configure(settings))
    return { session: session.summary }
  },
  async 'session/markRead'(rooms, { sessionId }) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    session.facts.apply(patch(session.summary, { unread: 0, problem: null }))
    return {}
  },
  async 'approval/decide'(rooms, { sessionId, approvalId, answer }, client) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    const by = actorOf(client)
    const { approvals } = session
    approvals.claim(session.record.state, approvalId, answer.choice, by, rooms.clock.now())
    try {
      const { connector } = session
      if (!connector) throw new HubError('notPossible', 'Nothing runs that could take the answer.')
      await asWireErrors(() => connector.answer(approvalId, answer))
    } catch (error) {
      approvals.release(approvalId)
      throw error
    }
    session.facts.apply(approvals.settle(session.record.state, approvalId))
    const approval = session.record.state.approvals.find((known) => known.id === approvalId)
    return { approval }
  },
}

/** @returns Codex's own id of a turn that is over. @throws HubError `notFound`, or `notPossible` while it runs */
async function endedTurn(rooms: HubRooms, session: Session, turnId: string): Promise<string> {
  const { rows } = await rooms.store.listTurns({ sessionId: session.id, limit: 500 })
  const turn =
    session.record.state.turns.find(({ id }) => id === turnId) ?? rows.find(({ id }) => id === turnId)
  if (!turn) throw new HubError('notFound', `No turn ${turnId} in this session.`, { turnId })
  if (turn.status === 'inProgress') {
    throw new HubError(
      'notPossible',
      'This turn still runs; fork through an earlier one, or wait for its end.',
      {
        reason: 'turnInProgress',
        turnId,
      },
    )
  }
  return session.connector?.line?.codexTurnId(turnId) ?? turnId
}

/** A session that is there says itself what went wrong: were its making said to have failed, nobody would look for it. */
async function orProblem<T>(rooms: HubRooms, session: Session, run: () => Promise<T>): Promise<T | null> {
  try {
    return await run()
  } catch (error) {
    const { message, data } = wireErrorOf(error)
    const problem = { code: data.name, message, at: rooms.clock.now() }
    session.facts.apply(patch(session.summary, { problem }))
    return null
  }
}

/** A new session has its name here also where Codex does not take it. */
async function nameNew(rooms: HubRooms, session: Session, name: string): Promise<void> {
  session.facts.apply(patch(session.summary, { title: name, titleSource: 'name' }))
  await orProblem(rooms, session, () => rename(rooms, session, name))
}

async function rename(rooms: HubRooms, session: Session, name: string): Promise<void> {
  const { connector, record } = session
  const { threadId } = session.summary
  // What is only observed is named beside whoever has it open.
  if (connector && connector.door !== 'observed') await asWireErrors(() => connector.rename(name))
  else if (threadId !== null)
    await record.keep(() => asWireErrors(() => rooms.driver.rename(threadId, name, record.stored.codexHome)))
  session.facts.apply(
    patch(session.summary, { title: name, titleSource: 'name', updatedAt: rooms.clock.now() }),
  )
}

/** A person who ends a session means its turn too; a turn that does not stop is ended with its process. */
async function interruptFirst(rooms: HubRooms, session: Session): Promise<void> {
  const { connector } = session
  const running = connector ? runningTurn(session.record.state) : undefined
  if (!connector || !running) return
  try {
    await connector.interrupt(running.id)
  } catch {
    return
  }
  await session.turns.ended(running.id, INTERRUPT_MS, rooms.clock)
}
