// Written by scripts/generate-codex-types.ts from codex-cli 0.169.0. Not to be changed by hand.

type AbsolutePathBuf = string;

type AdditionalContextEntry = { value: string, kind: AdditionalContextKind,
name?: string | null, };

type AdditionalContextKind = "untrusted" | "application";

type AdditionalFileSystemPermissions = {
read: Array<LegacyAppPathString> | null,
write: Array<LegacyAppPathString> | null, globScanMaxDepth?: number, entries?: Array<FileSystemSandboxEntry>, };

type AdditionalNetworkPermissions = { enabled: boolean | null, };

type AgentMessageInputContent = { "type": "input_text", text: string, } | { "type": "encrypted_content", encrypted_content: string, };

export type ApplyPatchApprovalResponse = { decision: ReviewDecision, };

type ApprovalsReviewer = "user" | "auto_review" | "guardian_subagent";

export type AppsListParams = {
cursor?: string | null,
limit?: number | null,
threadId?: string | null,
forceRefetch?: boolean, };

export type AskForApproval = "untrusted" | "on-request" | { "granular": { sandbox_approval: boolean, rules: boolean, skill_approval: boolean, request_permissions: boolean, mcp_elicitations: boolean, } } | "never";

type ByteRange = { start: number, end: number, };

export type CancelLoginAccountParams = { loginId: string, };

type CapabilityRootLocation = { "type": "environment", environmentId: string,
path: string, };

type ClientInfo = { name: string, title: string | null, version: string, };

export type CollaborationMode = { mode: ModeKind, settings: Settings, };

export type CollaborationModeListParams = Record<string, never>;

export type CommandExecParams = {
command: Array<string>,
processId?: string | null,
tty?: boolean,
streamStdin?: boolean,
streamStdoutStderr?: boolean,
outputBytesCap?: number | null,
disableOutputCap?: boolean,
disableTimeout?: boolean,
timeoutMs?: number | null,
cwd?: string | null,
env?: { [key in string]?: string | null } | null,
size?: CommandExecTerminalSize | null,
sandboxPolicy?: SandboxPolicy | null,
permissionProfile?: string | null, };

type CommandExecTerminalSize = {
rows: number,
cols: number, };

export type CommandExecTerminateParams = {
processId: string, };

export type CommandExecWriteParams = {
processId: string,
deltaBase64?: string | null,
closeStdin?: boolean, };

export type CommandExecutionApprovalDecision = "accept" | "acceptForSession" | { "acceptWithExecpolicyAmendment": { execpolicy_amendment: ExecPolicyAmendment, } } | { "applyNetworkPolicyAmendment": { network_policy_amendment: NetworkPolicyAmendment, } } | "decline" | "cancel";

export type CommandExecutionRequestApprovalResponse = { decision: CommandExecutionApprovalDecision, };

export type ConfigBatchWriteParams = { edits: Array<ConfigEdit>,
filePath?: string | null, expectedVersion?: string | null,
reloadUserConfig?: boolean, };

type ConfigEdit = { keyPath: string, value: JsonValue, mergeStrategy: MergeStrategy, };

export type ConfigReadParams = { includeLayers?: boolean,
cwd?: string | null, };

type ConfigurationReasoning = { effort: ReasoningEffort, };

type ContentItem = { "type": "input_text", text: string, } | { "type": "input_image", detail?: ImageDetail, } & ({ image_url: string, } | { file_id: string, }) | { "type": "input_audio", } & ({ audio_url: string, } | { file_id: string, }) | { "type": "output_text", text: string, annotations?: unknown[], logprobs?: unknown[], };

export type CurrentTimeReadResponse = {
currentTimeAt: number, };

type CyberAccessProgram = "standard" | "daybreakBlue" | "daybreakRed";

type DynamicToolCallOutputContentItem = { "type": "inputText", text: string, } | { "type": "inputImage", imageUrl: string, } | { "type": "inputAudio", audioUrl: string, };

export type DynamicToolCallResponse = { contentItems: Array<DynamicToolCallOutputContentItem>, success: boolean, };

type DynamicToolFunctionSpec = { name: string, description: string, inputSchema: JsonValue, deferLoading?: boolean, };

type DynamicToolNamespaceSpec = { name: string, description: string, tools: Array<DynamicToolNamespaceTool>, };

type DynamicToolNamespaceTool = { "type": "function" } & DynamicToolFunctionSpec;

type DynamicToolSpec = { "type": "function" } & DynamicToolFunctionSpec | { "type": "namespace" } & DynamicToolNamespaceSpec;

export type ExecCommandApprovalResponse = { decision: ReviewDecision, };

type ExecPolicyAmendment = Array<string>;

export type ExperimentalFeatureListParams = {
cursor?: string | null,
limit?: number | null,
threadId?: string | null, };

type FileChangeApprovalDecision = "accept" | "acceptForSession" | "decline" | "cancel";

export type FileChangeRequestApprovalResponse = { decision: FileChangeApprovalDecision, };

type FileSystemAccessMode = "read" | "write" | "deny";

type FileSystemPath = { "type": "path", path: LegacyAppPathString, } | { "type": "glob_pattern", pattern: string, } | { "type": "special", value: FileSystemSpecialPath, };

type FileSystemSandboxEntry = { path: FileSystemPath, access: FileSystemAccessMode, };

type FileSystemSpecialPath = { "kind": "root" } | { "kind": "minimal" } | { "kind": "project_roots", subpath: LegacyAppPathString | null, } | { "kind": "tmpdir" } | { "kind": "slash_tmp" } | { "kind": "unknown", path: string, subpath: LegacyAppPathString | null, };

type FunctionCallOutputBody = string | Array<FunctionCallOutputContentItem>;

type FunctionCallOutputContentItem = { "type": "input_text", text: string, } | { "type": "input_image", detail?: ImageDetail, } & ({ image_url: string, } | { file_id: string, }) | { "type": "input_audio", } & ({ audio_url: string, } | { file_id: string, }) | { "type": "encrypted_content", encrypted_content: string, };

export type FuzzyFileSearchParams = { query: string, roots: Array<string>, cancellationToken: string | null, };

export type GetAccountParams = {
refreshToken?: boolean, };

export type GetAccountRateLimitsParams = {
supportsLunaReserve?: boolean,
excludeResetCreditDetails?: boolean, };

export type GetAccountTokenUsageParams = {
threadId?: string | null, };

type GrantedPermissionProfile = { network?: AdditionalNetworkPermissions, fileSystem?: AdditionalFileSystemPermissions, };

export type HooksListParams = {
cwds?: Array<string>,
threadId?: string | null, };

type ImageDetail = "auto" | "low" | "high" | "original";

type InitializeCapabilities = {
requiredHumanApproval?: boolean,
explicitGatewayOauth?: boolean,
experimentalApi: boolean,
requestAttestation: boolean,
mcpServerOpenaiFormElicitation?: boolean,
optOutNotificationMethods?: Array<string> | null,
extensions?: { [key in string]?: JsonValue } | null, };

export type InitializeParams = { clientInfo: ClientInfo, capabilities: InitializeCapabilities | null, };

type InternalChatMessageMetadataPassthrough = { turn_id?: string, };

export type JsonValue = number | string | boolean | Array<JsonValue> | { [key in string]?: JsonValue } | null;

type LegacyAppPathString = string;

export type ListMcpServerStatusParams = {
cursor?: string | null,
limit?: number | null,
detail?: McpServerStatusDetail | null, threadId?: string | null,
serverName?: string | null, };

type LocalShellAction = { "type": "exec" } & LocalShellExecAction;

type LocalShellExecAction = { command: Array<string>, timeout_ms: bigint | null, working_directory: string | null, env: { [key in string]?: string } | null, user: string | null, };

type LocalShellStatus = "completed" | "in_progress" | "incomplete";

export type LoginAccountParams = { "type": "apiKey", apiKey: string, } | { "type": "chatgpt", codexStreamlinedLogin?: boolean, useHostedLoginSuccessPage?: boolean, appBrand?: LoginAppBrand | null, } | { "type": "chatgptDeviceCode" } | { "type": "chatgptAuthTokens",
accessToken: string,
chatgptAccountId: string,
chatgptPlanType?: string | null, } | { "type": "amazonBedrock", apiKey: string, region: string, } | { "type": "amazonBedrockAccessKeys", accessKeyId: string, secretAccessKey: string, sessionToken?: string | null, region: string, };

type LoginAppBrand = "codex" | "chatgpt";

export type McpServerElicitationAction = "accept" | "decline" | "cancel";

export type McpServerElicitationRequestResponse = { action: McpServerElicitationAction,
content: JsonValue | null,
_meta: JsonValue | null, };

type McpServerOauthClientRegistration = "auto" | "cimd" | "dcr";

export type McpServerOauthLoginParams = { name: string, threadId?: string | null,
clientRegistration?: McpServerOauthClientRegistration | null, scopes?: Array<string> | null, timeoutSecs?: bigint | null, };

type McpServerStatusDetail = "full" | "toolsAndAuthOnly";

type MergeStrategy = "replace" | "upsert";

type MessagePhase = "commentary" | "partial_answer" | "final_answer";

type ModeKind = "plan" | "default";

export type ModelListParams = {
modelProvider?: string | null,
cursor?: string | null,
limit?: number | null,
includeHidden?: boolean | null, };

export type ModelProviderListParams = Record<string, never>;

type MultiAgentMode = { "custom": string } | "explicitRequestOnly" | "proactive";

type NetworkAccess = "restricted" | "enabled";

type NetworkPolicyAmendment = { host: string, action: NetworkPolicyRuleAction, };

type NetworkPolicyRuleAction = "allow" | "deny";

type PermissionGrantScope = "turn" | "session";

export type PermissionProfileListParams = {
cursor?: string | null,
limit?: number | null,
cwd?: string | null, };

export type PermissionsRequestApprovalResponse = { permissions: GrantedPermissionProfile, scope: PermissionGrantScope,
strictAutoReview?: boolean, };

type Personality = "none" | "friendly" | "pragmatic";

export type PluginInstalledParams = {
cwds?: Array<AbsolutePathBuf> | null,
installSuggestionPluginNames?: Array<string> | null, };

type PluginListMarketplaceKind = "local" | "vertical" | "workspace-directory" | "shared-with-me" | "created-by-me-remote";

export type PluginListParams = {
cwds?: Array<AbsolutePathBuf> | null,
marketplaceKinds?: Array<PluginListMarketplaceKind> | null,
forceRefetch?: boolean, };

type ReasoningEffort = string;

type ReasoningItemContent = { "type": "reasoning_text", text: string, } | { "type": "text", text: string, };

type ReasoningItemReasoningSummary = { "type": "summary_text", text: string, };

type ReasoningSummary = "auto" | "concise" | "detailed" | "none";

type ResponseItem = { "type": "additional_tools", id?: ResponseItemId, role: string, tools: unknown[], } | { "type": "message", encrypted_content?: string, status?: string, id?: ResponseItemId, role: string, content: Array<ContentItem>, phase?: MessagePhase, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "agent_message", id?: ResponseItemId, author: string, recipient: string, content: Array<AgentMessageInputContent>, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "reasoning", id?: ResponseItemId, summary: Array<ReasoningItemReasoningSummary>, content?: Array<ReasoningItemContent>, encrypted_content: string | null, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "local_shell_call", encrypted_content?: string,
id?: ResponseItemId,
call_id: string | null, status: LocalShellStatus, action: LocalShellAction, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "function_call", encrypted_content?: string, status?: string, id?: ResponseItemId, name: string, namespace?: string, arguments: string, encrypted_function_args?: Array<string>, call_id: string, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "tool_search_call", encrypted_content?: string, id?: ResponseItemId, call_id: string | null, status?: string, execution: string, arguments: unknown, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "function_call_output", id?: ResponseItemId, call_id?: string, name?: string, namespace?: string, output: FunctionCallOutputBody, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "custom_tool_call", encrypted_content?: string, id?: ResponseItemId, status?: string, call_id: string, name: string, namespace?: string, input: string, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "custom_tool_call_output", id?: ResponseItemId, call_id: string, name?: string, output: FunctionCallOutputBody, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "tool_search_output", id?: ResponseItemId, call_id: string | null, status: string, execution: string, tools: unknown[], internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "web_search_call", encrypted_content?: string, id?: ResponseItemId, status?: string, action?: WebSearchAction, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "image_generation_call", encrypted_content?: string, id?: ResponseItemId, status: string, revised_prompt?: string, result: string, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "compaction", id?: ResponseItemId, encrypted_content: string, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "configuration_update", reasoning: ConfigurationReasoning, } | { "type": "compaction_trigger", } | { "type": "context_compaction", id?: ResponseItemId, encrypted_content?: string, internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough, } | { "type": "other" };

type ResponseItemId = string;

type ReviewDecision = "approved" | { "approved_execpolicy_amendment": { proposed_execpolicy_amendment: ExecPolicyAmendment, } } | "approved_for_session" | "approved_mcp_policy_amendment" | { "network_policy_amendment": { network_policy_amendment: NetworkPolicyAmendment, } } | { "denied": { rejection: string, } } | "timed_out" | "abort";

type ReviewDelivery = "inline";

export type ReviewStartParams = { threadId: string, target: ReviewTarget,
delivery?: ReviewDelivery | null, };

type ReviewTarget = { "type": "uncommittedChanges" } | { "type": "baseBranch", branch: string, } | { "type": "commit", sha: string,
title: string | null, } | { "type": "custom", instructions: string, };

type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";

export type SandboxPolicy = { "type": "dangerFullAccess" } | { "type": "readOnly", networkAccess: boolean, } | { "type": "externalSandbox", networkAccess: NetworkAccess, } | { "type": "workspaceWrite", writableRoots: Array<AbsolutePathBuf>, networkAccess: boolean, excludeTmpdirEnvVar: boolean, excludeSlashTmp: boolean, };

type SelectedCapabilityRoot = {
id: string,
location: CapabilityRootLocation, };

type Settings = { model: string, reasoning_effort: ReasoningEffort | null, developer_instructions: string | null, };

export type SkillsConfigWriteParams = {
path?: AbsolutePathBuf | null,
name?: string | null, enabled: boolean, };

export type SkillsListParams = {
cwds?: Array<string>,
forceReload?: boolean, };

type SortDirection = "asc" | "desc";

type TextElement = {
byteRange: ByteRange,
placeholder: string | null, };

export type ThreadArchiveParams = { threadId: string, };

export type ThreadBackgroundTerminalsCleanParams = { threadId: string, };

export type ThreadBackgroundTerminalsListParams = { threadId: string,
cursor?: string | null,
limit?: number | null, };

export type ThreadBackgroundTerminalsTerminateParams = { threadId: string, processId: string, };

export type ThreadCompactStartParams = { threadId: string, };

export type ThreadDeleteParams = { threadId: string, };

export type ThreadForkParams = { threadId: string,
experimentalPredictionMode?: boolean,
experimentalDisablePredictionMcp?: boolean,
lastTurnId?: string | null,
beforeTurnId?: string | null,
path?: string | null,
model?: string | null, modelProvider?: string | null, serviceTier?: string | null | null, cwd?: string | null,
runtimeWorkspaceRoots?: Array<AbsolutePathBuf> | null, approvalPolicy?: AskForApproval | null,
approvalsReviewer?: ApprovalsReviewer | null, sandbox?: SandboxMode | null,
permissions?: string | null, config?: { [key in string]?: JsonValue } | null, baseInstructions?: string | null, developerInstructions?: string | null, ephemeral?: boolean,
attachToSource?: boolean,
threadSource?: ThreadSource | null,
excludeTurns?: boolean,
deferGoalContinuation?: boolean, };

export type ThreadGoalClearParams = { threadId: string,
origin?: ThreadGoalMutationOrigin | null, };

export type ThreadGoalGetParams = { threadId: string, };

type ThreadGoalMutationOrigin = "user" | "automatic";

export type ThreadGoalSetParams = { threadId: string,
origin?: ThreadGoalMutationOrigin | null, objective?: string | null, status?: ThreadGoalStatus | null, tokenBudget?: number | null, };

type ThreadGoalStatus = "active" | "paused" | "blocked" | "usageLimited" | "budgetLimited" | "complete";

type ThreadHistoryMode = "legacy" | "paginated";

export type ThreadListParams = {
includeAttachedThreads?: boolean,
currentAccountOnly?: boolean,
cursor?: string | null,
limit?: number | null,
excludedThreadIds?: Array<string> | null,
sortKey?: ThreadSortKey | null,
sortDirection?: SortDirection | null,
modelProviders?: Array<string> | null,
sourceKinds?: Array<ThreadSourceKind> | null,
originators?: Array<string> | null,
archived?: boolean | null,
sectionId?: string | null,
projectId?: string | null,
cwd?: string | Array<string> | null,
useStateDbOnly?: boolean,
searchTerm?: string | null,
parentThreadId?: string | null,
ancestorThreadId?: string | null,
attachedToThreadId?: string | null, };

export type ThreadLoadedListParams = {
cursor?: string | null,
limit?: number | null, };

export type ThreadReadParams = { threadId: string,
includeTurns?: boolean, };

type ThreadResumeInitialTurnsPageParams = {
limit?: number | null,
sortDirection?: SortDirection | null,
itemsView?: TurnItemsView | null, };

export type ThreadResumeParams = { threadId: string,
history?: Array<ResponseItem> | null,
path?: string | null,
model?: string | null, modelProvider?: string | null, serviceTier?: string | null | null, cwd?: string | null,
runtimeWorkspaceRoots?: Array<AbsolutePathBuf> | null, approvalPolicy?: AskForApproval | null,
approvalsReviewer?: ApprovalsReviewer | null, sandbox?: SandboxMode | null,
permissions?: string | null, config?: { [key in string]?: JsonValue } | null, baseInstructions?: string | null, developerInstructions?: string | null,
personality?: Personality | null,
excludeTurns?: boolean,
initialTurnsPage?: ThreadResumeInitialTurnsPageParams | null, };

export type ThreadRevertParams = { threadId: string,
beforeTurnId: string, };

export type ThreadSetNameParams = { threadId: string, name: string, };

export type ThreadSettingsUpdateParams = { threadId: string,
disabledPluginIds?: Array<string> | null,
cwd?: string | null,
environments?: Array<TurnEnvironmentParams> | null,
approvalPolicy?: AskForApproval | null,
approvalsReviewer?: ApprovalsReviewer | null,
sandboxPolicy?: SandboxPolicy | null,
permissions?: string | null,
model?: string | null,
serviceTier?: string | null | null,
effort?: ReasoningEffort | null,
summary?: ReasoningSummary | null,
collaborationMode?: CollaborationMode | null,
multiAgentMode?: MultiAgentMode | null,
personality?: Personality | null, };

type ThreadSortKey = "created_at" | "updated_at" | "recency_at" | "section_position";

type ThreadSource = string;

type ThreadSourceKind = "cli" | "vscode" | "exec" | "appServer" | "subAgent" | "subAgentReview" | "subAgentCompact" | "subAgentThreadSpawn" | "subAgentOther" | "unknown";

export type ThreadStartParams = { model?: string | null, modelProvider?: string | null,
allowProviderModelFallback?: boolean, serviceTier?: string | null | null, cwd?: string | null,
runtimeWorkspaceRoots?: Array<AbsolutePathBuf> | null, approvalPolicy?: AskForApproval | null,
approvalsReviewer?: ApprovalsReviewer | null, sandbox?: SandboxMode | null,
permissions?: string | null, config?: { [key in string]?: JsonValue } | null, serviceName?: string | null, baseInstructions?: string | null, developerInstructions?: string | null,
personality?: Personality | null,
multiAgentMode?: MultiAgentMode | null, ephemeral?: boolean | null,
historyMode?: ThreadHistoryMode | null, sessionStartSource?: ThreadStartSource | null,
threadSource?: ThreadSource | null,
projectId?: string | null,
daybreakEnabled?: boolean | null,
environments?: Array<TurnEnvironmentParams> | null, dynamicTools?: Array<DynamicToolSpec> | null,
selectedCapabilityRoots?: Array<SelectedCapabilityRoot> | null,
mockExperimentalField?: string | null,
experimentalRawEvents?: boolean, };

type ThreadStartSource = "startup" | "clear";

export type ThreadTurnsListParams = { threadId: string,
cursor?: string | null,
limit?: number | null,
sortDirection?: SortDirection | null,
itemsView?: TurnItemsView | null, };

export type ThreadUnarchiveParams = { threadId: string, };

export type ThreadUnsubscribeParams = { threadId: string, };

type ToolRequestUserInputAnswer = { answers: Array<string>, };

export type ToolRequestUserInputResponse = { answers: { [key in string]?: ToolRequestUserInputAnswer }, };

type TurnEnvironmentParams = { environmentId: string, cwd: LegacyAppPathString,
runtimeWorkspaceRoots?: Array<LegacyAppPathString> | null, };

export type TurnInterruptParams = { threadId: string, turnId: string, };

type TurnItemsView = "notLoaded" | "summary" | "full";

export type TurnStartParams = { threadId: string,
disabledPluginIds?: Array<string> | null, clientUserMessageId?: string | null, input: Array<UserInput>,
turnTrigger?: string | null,
parentTurnId?: string | null,
rootTurnId?: string | null, toolOutput?: TurnToolOutput | null,
responsesapiClientMetadata?: { [key in string]?: string } | null,
responsesapiClientMetadataPatch?: { [key in string]?: string } | null,
additionalContext?: { [key in string]?: AdditionalContextEntry } | null,
environments?: Array<TurnEnvironmentParams> | null,
cwd?: string | null,
runtimeWorkspaceRoots?: Array<AbsolutePathBuf> | null,
approvalPolicy?: AskForApproval | null,
approvalsReviewer?: ApprovalsReviewer | null,
sandboxPolicy?: SandboxPolicy | null,
permissions?: string | null,
model?: string | null,
serviceTier?: string | null | null,
serviceTierForTurn?: string | null,
effort?: ReasoningEffort | null,
summary?: ReasoningSummary | null,
personality?: Personality | null,
outputSchema?: JsonValue | null,
collaborationMode?: CollaborationMode | null,
multiAgentMode?: MultiAgentMode | null,
cyberAccessProgram?: CyberAccessProgram | null, };

export type TurnSteerParams = { threadId: string, clientUserMessageId?: string | null, input: Array<UserInput>,
responsesapiClientMetadata?: { [key in string]?: string } | null,
responsesapiClientMetadataPatch?: { [key in string]?: string } | null,
additionalContext?: { [key in string]?: AdditionalContextEntry } | null,
expectedTurnId: string, };

type TurnToolOutput = { name: string, namespace: string | null, output: FunctionCallOutputBody,
retain?: boolean, };

export type UserInput = { "type": "text", text: string,
text_elements: Array<TextElement>, } | { "type": "image", detail?: ImageDetail, } & ({ url: string, } | { fileId: string, }) | { "type": "localImage", detail?: ImageDetail, path: string, } | { "type": "audio", } & ({ url: string, } | { fileId: string, }) | { "type": "localAudio", path: string, } | { "type": "skill", name: string, path: string, } | { "type": "mention", name: string, path: string, };

type WebSearchAction = { "type": "search", query?: string, queries?: Array<string>, } | { "type": "open_page", url?: string, } | { "type": "find_in_page", url?: string, pattern?: string, } | { "type": "other" };
