/**
 * The interface between a session and whatever is behind it. A connector translates one source into `SessionEvent`s
 * and commands back; it keeps no state of the session and decides nothing. Every implementation, real or fake, passes
 * `test/contract/connector.ts`.
 */
import type { CloseCause } from '../jsonrpc/channel.ts'
import type { ApprovalAnswer } from '../protocol/approval.ts'
import type { Input } from '../protocol/input.ts'
import type { Model } from '../protocol/model.ts'
import type { SettingsRequest } from '../protocol/settings.ts'
import type { Door, Isolation } from '../protocol/summary.ts'
import type { ThreadLine } from './codex/requests.ts'
import type { HistoryTurn, SessionEvent, ThreadFacts } from './event.ts'

/** What the session gives a connector to report to. Events come in the order in which Codex sent them. */
export interface ConnectorSink {
  receive(event: SessionEvent): void
  /** The source ended. Called exactly once, after the last event, with the first cause; never after `close()` began by us returned. */
  closed(cause: CloseCause): void
}

/** Events that must be stored together with the place in their source up to which they were read (L11). */
export interface SourceBatch {
  readonly events: readonly SessionEvent[]
  /** Plain JSON, handed back when the source is opened again. */
  readonly checkpoint: unknown
  /** Time of the newest thing read. */
  readonly at: number | null
  /** What the source was like when it had been read up to here; null while there is more to read. */
  readonly stamp: string | null
  /** What is in the session must give way: the source is read from its beginning once more. */
  readonly startsOver: boolean
}

/** The sink of a source that is read from a file. */
export interface BatchSink extends ConnectorSink {
  receiveAll(batch: SourceBatch): void
}

/** Operations a connector may offer; probed per Codex version (L13). */
export type Operation =
  | 'send'
  | 'interrupt'
  | 'rename'
  | 'configure'
  | 'decide'
  | 'history'
  | 'terminal'
  | 'steer'
  | 'compact'
  | 'rollback'
  | 'revert'
  | 'fork'
  | 'review'
  | 'archive'
  | 'goal'
  | 'terminals'
  | 'mode'

export interface TurnRequest {
  /** Echoed by Codex as the user message's client id where it can (0.120 and later). */
  readonly commandId: string
  readonly input: Input
  /** Overrides from this turn on. */
  readonly settings?: SettingsRequest
  /** The folder to work in from this turn on. */
  readonly cwd?: string
  /** JSON Schema for the last answer of this turn. */
  readonly outputSchema?: Record<string, unknown>
}

export interface Connector {
  readonly door: Exclude<Door, 'dormant'>
  /** Names the process or daemon behind this connector; prefix of its approval keys. */
  readonly instance: string
  readonly operations: ReadonlySet<Operation>
  /** For operations that are one request and one answer; null where no app-server is behind the connector. */
  readonly line: ThreadLine | null
  readonly codexVersion: string | null
  /** Whether the process of the hub behind it is this session's alone; null where it is none of the hub's. */
  readonly isolation: Isolation | null
  /** Facts learnt when the thread was started, resumed or joined. */
  readonly thread: ThreadFacts & { readonly threadId: string }
  /** What Codex said of the thread when it was joined. */
  readonly status: { readonly status: 'idle' | 'active' | 'systemError'; readonly flags: readonly string[] }

  /** Start a turn. @returns the turn's id. */
  startTurn(request: TurnRequest): Promise<{ turnId: string }>
  interrupt(turnId: string): Promise<void>
  rename(name: string): Promise<void>
  /**
   * Change settings from the next turn on. Where Codex has no method for it (before `thread/settings/update`), they are
   * kept by the connector and sent with the next `startTurn`. @returns `now` or `nextTurn`.
   */
  configure(settings: SettingsRequest): Promise<'now' | 'nextTurn'>
  /** Answer a server request. @throws when the key is not pending here. */
  answer(key: string, answer: ApprovalAnswer): Promise<void>
  /** The newest turns with their items, oldest first. */
  readHistory(options: { maxTurns: number }): Promise<readonly HistoryTurn[]>
  listModels(includeHidden: boolean): Promise<Model[]>
  /** How a terminal joins this live session; null where it cannot. */
  terminal(): { command: string[]; env: Record<string, string> } | null

  /** Whether somebody beside the hub is connected to the process; where the system does not tell, whether that may be. */
  hasCompany(): Promise<boolean>

  /** Leave the source alone and let go of it: the child, the daemon goes on. `sink.closed` is not called. */
  detach(): Promise<void>
  /** Stop what is behind the connector, by its ladder; awaited. `force` skips the polite rungs. `sink.closed` is not called. */
  stop(options?: { force?: boolean }): Promise<void>
}

/** Why a connector could not be opened, decided or commanded. */
export type ConnectorFault =
  | 'codexMissing'
  | 'codexTooOld'
  | 'spawnFailed'
  | 'handshakeFailed'
  | 'heldElsewhere'
  | 'threadNotFound'
  | 'refused'
  /** What was asked for makes no sense to Codex; another value would. */
  | 'invalid'
  /** It is not any more as the caller last saw it. */
  | 'changed'
  | 'unsupported'
  | 'closed'
  | 'timeout'

export class ConnectorError extends Error {
  override readonly name = 'ConnectorError'
  readonly fault: ConnectorFault
  readonly facts: Record<string, unknown>

  constructor(
    fault: ConnectorFault,
    message: string,
    facts: Record<string, unknown> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.fault = fault
    this.facts = facts
  }
}
