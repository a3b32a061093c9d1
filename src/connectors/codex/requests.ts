/** The requests the hub sends to Codex, with the parameters that Codex's own types give them (L18: we send strictly). */
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type {
  AppsListParams,
  CancelLoginAccountParams,
  CollaborationModeListParams,
  CommandExecParams,
  CommandExecTerminateParams,
  CommandExecWriteParams,
  ConfigBatchWriteParams,
  ConfigReadParams,
  ExperimentalFeatureListParams,
  FuzzyFileSearchParams,
  GetAccountParams,
  GetAccountRateLimitsParams,
  GetAccountTokenUsageParams,
  HooksListParams,
  InitializeParams,
  ListMcpServerStatusParams,
  LoginAccountParams,
  McpServerOauthLoginParams,
  ModelListParams,
  ModelProviderListParams,
  PermissionProfileListParams,
  PluginInstalledParams,
  PluginListParams,
  ReviewStartParams,
  SkillsConfigWriteParams,
  SkillsListParams,
  ThreadArchiveParams,
  ThreadBackgroundTerminalsCleanParams,
  ThreadBackgroundTerminalsListParams,
  ThreadBackgroundTerminalsTerminateParams,
  ThreadCompactStartParams,
  ThreadDeleteParams,
  ThreadForkParams,
  ThreadGoalClearParams,
  ThreadGoalGetParams,
  ThreadGoalSetParams,
  ThreadListParams,
  ThreadLoadedListParams,
  ThreadReadParams,
  ThreadResumeParams,
  ThreadRevertParams,
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
  'account/login/cancel': CancelLoginAccountParams
  'account/login/start': LoginAccountParams
  'account/logout': undefined
  'account/rateLimits/read': GetAccountRateLimitsParams
  'account/read': GetAccountParams
  'account/usage/read': GetAccountTokenUsageParams
  'app/list': AppsListParams
  'collaborationMode/list': CollaborationModeListParams
  'command/exec/terminate': CommandExecTerminateParams
  'command/exec/write': CommandExecWriteParams
  'command/exec': CommandExecParams
  'config/batchWrite': ConfigBatchWriteParams
  'config/mcpServer/reload': undefined
  'config/read': ConfigReadParams
  'experimentalFeature/list': ExperimentalFeatureListParams
  fuzzyFileSearch: FuzzyFileSearchParams
  'hooks/list': HooksListParams
  initialize: InitializeParams
  'mcpServer/oauth/login': McpServerOauthLoginParams
  'mcpServerStatus/list': ListMcpServerStatusParams
  'model/list': ModelListParams
  'modelProvider/list': ModelProviderListParams
  'permissionProfile/list': PermissionProfileListParams
  'plugin/installed': PluginInstalledParams
  'plugin/list': PluginListParams
  'skills/config/write': SkillsConfigWriteParams
  'skills/list': SkillsListParams
  'review/start': ReviewStartParams
  'thread/archive': ThreadArchiveParams
  'thread/backgroundTerminals/clean': ThreadBackgroundTerminalsCleanParams
  'thread/backgroundTerminals/list': ThreadBackgroundTerminalsListParams
  'thread/backgroundTerminals/terminate': ThreadBackgroundTerminalsTerminateParams
  'thread/compact/start': ThreadCompactStartParams
  'thread/delete': ThreadDeleteParams
  'thread/fork': ThreadForkParams
  'thread/goal/clear': ThreadGoalClearParams
  'thread/goal/get': ThreadGoalGetParams
  'thread/goal/set': ThreadGoalSetParams
  'thread/list': ThreadListParams
  'thread/loaded/list': ThreadLoadedListParams
  'thread/name/set': ThreadSetNameParams
  'thread/read': ThreadReadParams
  'thread/resume': ThreadResumeParams
  'thread/revert': ThreadRevertParams
  /** Up to 0.142; gone from the types of later releases. */
  'thread/rollback': { readonly threadId: string; readonly numTurns: number }
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

/** The line of a process without a thread: what that says unasked concerns whoever asked it for something. */
export interface HomeLine extends CodexLine {
  /** Hear its notifications, and its end. @returns what ends the hearing */
  follow(
    notified: (method: string, params: unknown) => void,
    closed?: (cause: CloseCause) => void,
  ): () => void
}

/** The line of a connector, to the app-server that has its thread open. */
export interface ThreadLine extends CodexLine {
  readonly threadId: string
  /** Codex's own id of a turn, where the hub's differs (releases that count turns anew in each process). */
  codexTurnId(turnId: string): string
  /** The other way round. */
  hubTurnId(codexTurnId: string): string
}
