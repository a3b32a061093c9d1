/** Settings between the hub's words and Codex's: sandbox modes are names in some places and policies in others. */
import type { Settings, SettingsRequest } from '../../protocol/settings.ts'
import { asFields, asText, type Fields } from './decode.ts'
import type {
  AskForApproval,
  CollaborationMode,
  SandboxPolicy,
  ThreadStartParams,
  TurnStartParams,
} from './generated/protocol.ts'

/** Codex's own defaults for each mode; what a configuration adds to a mode is lost when a turn names a policy. */
const POLICIES: Record<NonNullable<SettingsRequest['sandbox']>, SandboxPolicy> = {
  'read-only': { type: 'readOnly', networkAccess: false },
  'workspace-write': {
    type: 'workspaceWrite',
    writableRoots: [],
    networkAccess: false,
    excludeTmpdirEnvVar: false,
    excludeSlashTmp: false,
  },
  'danger-full-access': { type: 'dangerFullAccess' },
}

const MODES: Record<string, string> = {
  readOnly: 'read-only',
  workspaceWrite: 'workspace-write',
  dangerFullAccess: 'danger-full-access',
}

export function sandboxPolicyOf(mode: NonNullable<SettingsRequest['sandbox']>): SandboxPolicy {
  return POLICIES[mode]
}

type StartSettings = Pick<
  ThreadStartParams,
  'model' | 'config' | 'approvalPolicy' | 'sandbox' | 'permissions'
>
type TurnSettings = Pick<
  TurnStartParams,
  'model' | 'effort' | 'approvalPolicy' | 'sandboxPolicy' | 'permissions' | 'collaborationMode'
>

/** For `thread/start` and `thread/resume`, which take modes. Effort is no parameter there: it goes in as configuration. */
export function startSettings(settings: SettingsRequest): StartSettings {
  const { model, effort, approvalPolicy, sandbox, permissionProfile } = settings
  return {
    ...(model === undefined ? {} : { model }),
    ...(effort === undefined ? {} : { config: { model_reasoning_effort: effort } }),
    ...(approvalPolicy === undefined ? {} : { approvalPolicy: approvalPolicy as AskForApproval }),
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(permissionProfile === undefined ? {} : { permissions: permissionProfile }),
  }
}

/**
 * For `turn/start` and `thread/settings/update`, which take policies.
 * @param known what is in force: a mode names model and effort anew
 */
export function turnSettings(settings: SettingsRequest, known: Partial<Settings>): TurnSettings {
  const { model, effort, approvalPolicy, sandbox, permissionProfile } = settings
  return {
    ...(model === undefined ? {} : { model }),
    ...(effort === undefined ? {} : { effort }),
    ...(approvalPolicy === undefined ? {} : { approvalPolicy: approvalPolicy as AskForApproval }),
    ...(sandbox === undefined ? {} : { sandboxPolicy: sandboxPolicyOf(sandbox) }),
    ...(permissionProfile === undefined ? {} : { permissions: permissionProfile }),
    ...modeOf(settings, known),
  }
}

function modeOf(
  { mode, model, effort }: SettingsRequest,
  known: Partial<Settings>,
): Pick<TurnStartParams, 'collaborationMode'> {
  const name = model ?? known.model
  if (mode === undefined || !name) return {}
  const settings = {
    model: name,
    reasoning_effort: effort ?? known.effort ?? null,
    // Codex's own for the mode.
    developer_instructions: null,
  }
  return { collaborationMode: { mode: mode as CollaborationMode['mode'], settings } }
}

/**
 * Settings as Codex reports them: `ThreadSettings`, or the answer to `thread/start` and `thread/resume`, which name
 * two fields differently. What is absent is left out.
 */
export function readSettings(fields: Fields): Partial<Settings> {
  const policy = fields.approvalPolicy
  const sandbox = asFields(fields.sandboxPolicy ?? fields.sandbox)
  const effort = 'effort' in fields ? fields.effort : fields.reasoningEffort
  const model = asText(fields.model)
  const modelProvider = asText(fields.modelProvider)
  const mode = asText(asFields(fields.collaborationMode)?.mode)
  const profile = fields.activePermissionProfile
  return {
    ...(model === null ? {} : { model }),
    ...(modelProvider === null ? {} : { modelProvider }),
    ...(effort === undefined ? {} : { effort: asText(effort) }),
    ...(typeof policy === 'string' || asFields(policy) ? { approvalPolicy: policy as string | Fields } : {}),
    ...(sandbox ? { sandbox: MODES[asText(sandbox.type) ?? ''] ?? 'custom' } : {}),
    ...(mode === null ? {} : { mode }),
    ...(profile === undefined ? {} : { permissionProfile: asText(asFields(profile)?.id) }),
  }
}

/** What a turn's overrides make of the settings: for releases that do not report them. */
export function settingsAfter(request: SettingsRequest): Partial<Settings> {
  const { model, effort, approvalPolicy, sandbox, mode, permissionProfile } = request
  return {
    ...(model === undefined ? {} : { model }),
    ...(effort === undefined ? {} : { effort }),
    ...(approvalPolicy === undefined ? {} : { approvalPolicy }),
    ...(sandbox === undefined ? {} : { sandbox, permissionProfile: null }),
    ...(mode === undefined ? {} : { mode }),
    ...(permissionProfile === undefined ? {} : { permissionProfile }),
  }
}
