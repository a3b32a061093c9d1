/** The requests the hub sends to Codex, with the parameters that Codex's own types give them (L18: we send strictly). */
import type {
  InitializeParams,
  ModelListParams,
  ThreadLoadedListParams,
  ThreadReadParams,
  ThreadResumeParams,
  ThreadSetNameParams,
  ThreadSettingsUpdateParams,
  ThreadStartParams,
  ThreadTurnsListParams,
  TurnInterruptParams,
  TurnStartParams,
} from './generated/protocol.ts'

export interface Requests {
  initialize: InitializeParams
  'model/list': ModelListParams
  'thread/loaded/list': ThreadLoadedListParams
  'thread/name/set': ThreadSetNameParams
  'thread/read': ThreadReadParams
  'thread/resume': ThreadResumeParams
  'thread/settings/update': ThreadSettingsUpdateParams
  'thread/start': ThreadStartParams
  'thread/turns/list': ThreadTurnsListParams
  'turn/interrupt': TurnInterruptParams
  'turn/start': TurnStartParams
}

/** Ask Codex. @throws ConnectorError */
export type Ask = <M extends keyof Requests>(
  method: M,
  params: Requests[M],
  timeoutMs?: number,
) => Promise<unknown>
