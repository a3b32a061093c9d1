/**
 * Joins a thread that a daemon has loaded, as one more client of it. Whoever has it open goes on as before: nothing here
 * changes its settings, stops its turn, or ends the daemon.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { CodexConnector } from '../codex/connector.ts'
import type { Conversation } from '../codex/conversation.ts'
import type { Holding } from '../codex/holding.ts'
import { joinThread, type OpenedThread } from '../codex/opened-thread.ts'
import type { SharedServer } from '../codex/shared-server.ts'
import { type Connector, ConnectorError, type ConnectorSink } from '../connector.ts'

export interface JoinOptions {
  readonly sessionId: string
  readonly sink: ConnectorSink
}

export interface JoinSource {
  readonly shared: SharedServer
  readonly methods: ReadonlySet<string>
  readonly instance: string
  readonly clock: Clock
  readonly log: Log
  /** Subagents that work for the thread were seen: they are followed too, or what they ask would be asked nowhere. */
  followWorkers(threadId: string): void
  /** How a terminal joins what the daemon has. */
  terminal(threadId: string): { command: string[]; env: Record<string, string> }
}

/** A terminal of this home finds the daemon by itself (since 0.143 or so). */
export function terminalCommand(
  codexCommand: string,
  codexHome: string,
  threadId: string,
): { command: string[]; env: Record<string, string> } {
  const isDefault = codexHome === join(homedir(), '.codex')
  return { command: [codexCommand, 'resume', threadId], env: isDefault ? {} : { CODEX_HOME: codexHome } }
}

const LEAVE_TIMEOUT_MS = 5000
const TRIES = 12
const TRY_AGAIN_MS = 100

/** @throws ConnectorError `threadNotFound` when it is not loaded there (any more); it is never loaded because of this */
export async function joinLoadedThread(
  source: JoinSource,
  threadId: string,
  { sessionId, sink }: JoinOptions,
): Promise<Connector> {
  const { shared, methods, instance, clock, log } = source
  const lane = shared.lane(threadId)
  try {
    const opened = await joinWhenReady(source, lane, threadId)
    const connector = new CodexConnector({
      door: 'attached',
      instance,
      server: lane,
      methods,
      opened,
      holding: holdJoined(lane, threadId, source),
      sink,
      clock,
      log: log.child({ threadId, sessionId }),
    })
    source.followWorkers(threadId)
    return connector
  } catch (error) {
    lane.close()
    throw error
  }
}

/**
 * For some 80 ms after its first prompt a thread is loaded and has a rollout, and still cannot be joined: "no rollout
 * found", "list_turns is not supported yet" (0.169).
 */
async function joinWhenReady(
  { methods, clock }: JoinSource,
  lane: Conversation,
  threadId: string,
): Promise<OpenedThread> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await joinThread(lane, threadId, methods)
    } catch (error) {
      if (attempt === TRIES || !isRefusal(error)) throw error
      await new Promise<void>((resolve) => clock.after(TRY_AGAIN_MS, resolve))
    }
  }
}

/** Codex itself said no; a thread that is not loaded is not asked for. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ConnectorError)) return false
  return (
    error.facts.method !== undefined && ['refused', 'threadNotFound', 'unsupported'].includes(error.fault)
  )
}

/** To stop a session that is somebody else's is to let go of it. */
function holdJoined(lane: Conversation, threadId: string, source: JoinSource): Holding {
  const letGo = async (): Promise<void> => {
    // Other clients keep what they have. Without this the daemon would keep the thread loaded, and its writer lock held,
    // for as long as the hub lives, also after the last terminal left (0.169 unloads what nobody follows).
    const isAsked = source.methods.has('thread/unsubscribe') && !lane.isClosed
    const followed = isAsked ? [threadId, ...source.shared.workersOf(threadId)] : []
    const left = followed.map((id) => lane.request('thread/unsubscribe', { threadId: id }, LEAVE_TIMEOUT_MS))
    // Before the answer: the session may come back at once, and the daemon takes one after the other.
    lane.close()
    await Promise.all(left).catch((error: unknown) => {
      source.log.debug({ err: error, threadId }, 'a thread was let go of without an answer')
    })
  }
  // It is somebody else's to begin with.
  const hasCompany = () => Promise.resolve(true)
  return {
    isolation: null,
    canJoin: true,
    terminal: (id) => source.terminal(id),
    hasCompany,
    detach: letGo,
    stop: letGo,
  }
}
