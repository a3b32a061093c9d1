/** Settings between the hub's words and Codex's: sandbox modes are names in some places and policies in others. */
import type { Settings, SettingsRequest } from '../../protocol/settings.ts'
import { asFields, asText, type Fields } from './decode.ts'
import type {
  AskForApproval,
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

type StartSettings = Pick<ThreadStartParams, 'model' | 'config' | 'approvalPolicy' | 'sandbox'>
type TurnSettings = Pick<TurnStartParams, 'model' | 'effort' | 'approvalPolicy' | 'sandboxPolicy'>

/** For `thread/start` and `thread/resume`, which take modes. Effort is no parameter there: it goes in as configuration. */
export function startSettings({ model, effort, approvalPolicy, sandbox }: SettingsRequest): StartSettings {
  return {
    ...(model === undefined ? {} : { model }),
    ...(effort === undefined ? {} : { config: { model_reasoning_effort: effort } }),
    ...(approvalPolicy === undefined ? {} : { approvalPolicy: approvalPolicy as AskForApproval }),
    ...(sandbox === undefined ? {} : { sandbox }),
  }
}

/** For `turn/start` and `thread/settings/update`, which take policies. */
export function turnSettings({ model, effort, approvalPolicy, sandbox }: SettingsRequest): TurnSettings {
  return {
    ...(model === undefined ? {} : { model }),
    ...(effort === undefined ? {} : { effort }),
    ...(approvalPolicy === undefined ? {} : { approvalPolicy: approvalPolicy as AskForApproval }),
    ...(sandbox === undefined ? {} : { sandboxPolicy: sandboxPolicyOf(sandbox) }),
  }
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
  return {
    ...(model === null ? {} : { model }),
    ...(modelProvider === null ? {} : { modelProvider }),
    ...(effort === undefined ? {} : { effort: asText(effort) }),
    ...(typeof policy === 'string' || asFields(policy) ? { approvalPolicy: policy as string | Fields } : {}),
    ...(sandbox ? { sandbox: MODES[asText(sandbox.type) ?? ''] ?? 'custom' } : {}),
  }
}

/** What a turn's overrides make of the settings: for releases that do not report them. */
export function settingsAfter(request: SettingsRequest): Partial<Settings> {
  const { model, effort, approvalPolicy, sandbox } = request
  return {
    ...(model === undefined ? {} : { model }),
    ...(effort === undefined ? {} : { effort }),
    ...(approvalPolicy === undefined ? {} : { approvalPolicy }),
    ...(sandbox === undefined ? {} : { sandbox }),
  }
}
