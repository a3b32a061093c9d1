/** The requests the hub sends to Codex, with the parameters that Codex's own types give them (L18: we send strictly). */
import type {
  InitializeParams,
  ModelListParams,
  ThreadArchiveParams,
  ThreadCompactStartParams,
  ThreadForkParams,
  ThreadLoadedListParams,
  ThreadReadParams,
  ThreadResumeParams,
  ThreadSetNameParams,
  ThreadSettingsUpdateParams,
  ThreadStartParams,
  ThreadTurnsListParams,
  ThreadUnarchiveParams,
  ThreadUnsubscribeParams,
  TurnInterruptParams,
  TurnStartParams,
  TurnSteerParams,
} from './generated/protocol.ts'

export interface Requests {
  initialize: InitializeParams
  'model/list': ModelListParams
  'thread/archive': ThreadArchiveParams
  'thread/compact/start': ThreadCompactStartParams
  'thread/fork': ThreadForkParams
  'thread/loaded/list': ThreadLoadedListParams
  'thread/name/set': ThreadSetNameParams
  'thread/read': ThreadReadParams
  'thread/resume': ThreadResumeParams
  'thread/settings/update': ThreadSettingsUpdateParams
  'thread/start': ThreadStartParams
  'thread/turns/list': ThreadTurnsListParams
  'thread/unarchive': ThreadUnarchiveParams
  'thread/unsubscribe': ThreadUnsubscribeParams
  'turn/interrupt': TurnInterruptParams
  'turn/start': TurnStartParams
  'turn/steer': TurnSteerParams
}

/** Ask Codex. @throws ConnectorError */
export type Ask = <M extends keyof Requests>(
  method: M,
  params: Requests[M],
  timeoutMs?: number,
) => Promise<unknown>

/** A running app-server, for whatever is one request and one answer: `operations/` is written against it. */
export interface CodexLine {
  /** Methods this release of Codex knows; asking for another one is a fault of ours (L13). */
  readonly methods: ReadonlySet<string>
  readonly ask: Ask
}

/** The line of a connector, to the app-server that has its thread open. */
export interface ThreadLine extends CodexLine {
  readonly threadId: string
  /** Codex's own id of a turn, where the hub's differs (releases that count turns anew in each process). */
  codexTurnId(turnId: string): string
}
