/** The options that say what a session runs with. */
import { type Command, Option } from 'commander'
import type { SettingsRequest } from '../../protocol/settings.ts'

export interface SettingsOptions {
  readonly model?: string
  readonly effort?: string
  readonly sandbox?: SettingsRequest['sandbox']
  readonly approvalPolicy?: string
  readonly mode?: string
  readonly permissions?: string
}

export function withSettings(command: Command): Command {
  return command
    .option('-m, --model <model>', 'one of "codex-hub models"')
    .option('-e, --effort <effort>', 'reasoning effort, one of those of the model')
    .addOption(
      new Option('-s, --sandbox <mode>', 'what its commands may touch').choices([
        'read-only',
        'workspace-write',
        'danger-full-access',
      ]),
    )
    .addOption(
      new Option('-a, --approval-policy <policy>', 'when it asks').choices([
        'untrusted',
        'on-request',
        'never',
      ]),
    )
    .option('--mode <mode>', 'plan first, or work: one of "codex-hub modes"')
    .option('--permissions <profile>', 'in place of a sandbox, one of "codex-hub permission-profiles"')
}

export function settingsOf(options: SettingsOptions): SettingsRequest {
  const { model, effort, sandbox, approvalPolicy, mode, permissions: permissionProfile } = options
  return Object.fromEntries(
    Object.entries({ model, effort, sandbox, approvalPolicy, mode, permissionProfile }).filter(
      ([, value]) => value !== undefined,
    ),
  )
}
