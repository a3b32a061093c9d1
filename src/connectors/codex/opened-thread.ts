/** Opens a thread on an app-server: a new one, one of the past, or one that runs there already. */
import type { SettingsRequest } from '../../protocol/settings.ts'
import { ConnectorError } from '../connector.ts'
import type { Conversation } from './conversation.ts'
import { asFields, asList, asText } from './decode.ts'
import { loadedThreadIds } from './loaded-ids.ts'
import { startSettings } from './settings.ts'
import { type KnownThread, readStatus, readThread, type ThreadStatus } from './thread-facts.ts'
import { isAtLeast } from './version.ts'

export interface OpenedThread {
  readonly thread: KnownThread
  readonly status: ThreadStatus
  /** As Codex names it; null when none runs or nobody says. */
  readonly runningTurnId: string | null
  /** Turns that came with the answer; null when none were sent. */
  readonly turns: readonly unknown[] | null
  /** It was open there before we came. */
  readonly isJoined?: boolean
}

/** @throws ConnectorError */
export async function startThread(
  server: Conversation,
  options: { cwd: string; settings: SettingsRequest },
): Promise<OpenedThread> {
  const { cwd, settings } = options
  return readOpened(await server.request('thread/start', { cwd, ...startSettings(settings) }))
}

/** @throws ConnectorError `heldElsewhere`, `threadNotFound` …; never a new thread instead (L17) */
export async function resumeThread(
  server: Conversation,
  threadId: string,
  settings: SettingsRequest = {},
): Promise<OpenedThread> {
  const answer = await server.request('thread/resume', {
    threadId,
    excludeTurns: true,
    ...startSettings(settings),
  })
  return readOpened(answer, threadId)
}

/** Earlier releases pass over the turn and fork the whole thread (0.98, 0.120 and 0.142). */
const FORKS_THROUGH_SINCE = '0.160.0'

/**
 * Begin a new thread with the past of another one, which others may have open.
 * @throws ConnectorError `unsupported` where a fork through a turn would be a whole one
 */
export async function forkThread(
  server: Conversation,
  threadId: string,
  options: { cwd: string; settings: SettingsRequest; lastTurnId?: string },
): Promise<OpenedThread> {
  const { cwd, settings, lastTurnId } = options
  const { version } = server
  if (lastTurnId !== undefined && version !== null && !isAtLeast(version, FORKS_THROUGH_SINCE)) {
    throw new ConnectorError(
      'unsupported',
      'This release of Codex forks whole threads only. Fork it whole, and revert in the fork.',
      { codexVersion: version, ways: ['session/fork', 'session/revert'] },
    )
  }
  const answer = await server.request('thread/fork', {
    threadId,
    cwd,
    excludeTurns: true,
    ...(lastTurnId === undefined ? {} : { lastTurnId }),
    ...startSettings(settings),
  })
  return readOpened(answer)
}

/** Join a thread that is loaded there. @throws ConnectorError `threadNotFound` when it is not */
export async function joinThread(
  server: Conversation,
  threadId: string,
  methods: ReadonlySet<string>,
): Promise<OpenedThread> {
  if ((await loadedThreadIds(server)).has(threadId)) {
    const opened = { ...(await resumeThread(server, threadId)), isJoined: true }
    // The turns were left out of the answer, and the one that runs with them.
    if (opened.status.status !== 'active' || !methods.has('thread/turns/list')) return opened
    return { ...opened, runningTurnId: await readRunningTurn(server, threadId) }
  }
  throw new ConnectorError('threadNotFound', 'The process runs, but it no longer has this thread.', {
    threadId,
  })
}

async function readRunningTurn(server: Conversation, threadId: string): Promise<string | null> {
  const page = asFields(
    await server.request('thread/turns/list', {
      threadId,
      itemsView: 'notLoaded',
      sortDirection: 'desc',
      limit: 1,
    }),
  )
  return runningTurn(asList(page?.data)[0])
}

function runningTurn(newest: unknown): string | null {
  const turn = asFields(newest)
  return turn?.status === 'inProgress' ? asText(turn.id) : null
}

function readOpened(value: unknown, expected?: string): OpenedThread {
  const answer = asFields(value) ?? {}
  const thread = readThread(answer.thread, answer)
  if (!thread || (expected !== undefined && thread.threadId !== expected)) {
    throw new ConnectorError('refused', 'Codex answered with another thread than was asked for.', {
      expected: expected ?? null,
      threadId: thread?.threadId ?? null,
    })
  }
  const { status, turns } = asFields(answer.thread) ?? {}
  const list = asList(turns)
  return {
    thread,
    status: readStatus(status) ?? { status: 'idle', flags: [] },
    runningTurnId: runningTurn(list.at(-1)),
    turns: list.length > 0 ? list : null,
  }
}
