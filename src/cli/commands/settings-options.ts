/** The options that say what a session runs with. */
import { type Command, Option } from 'commander'
import type { SettingsRequest } from '../../protocol/settings.ts'

export interface SettingsOptions {
  readonly model?: string
  readonly effort?: string
  readonly sandbox?: SettingsRequest['sandbox']
  readonly approvalPolicy?: string
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
}

export function settingsOf({ model, effort, sandbox, approvalPolicy }: SettingsOptions): SettingsRequest {
  return Object.fromEntries(
    Object.entries({ model, effort, sandbox, approvalPolicy }).filter(([, value]) => value !== undefined),
  )
}
