/** `codex-hub send`: one more prompt to a session. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import { collect, type Run } from '../run.ts'
import { timeOf } from '../time.ts'
import { inputOf, type PromptOptions, showTaken } from './prompt.ts'
import { type SettingsOptions, settingsOf, withSettings } from './settings-options.ts'

interface SendOptions extends PromptOptions, SettingsOptions {
  readonly whenBusy: 'queue' | 'steer' | 'reject'
  readonly at?: number
  readonly cwd?: string
  readonly outputSchema?: string
}

export function addSend(program: Command, run: Run): void {
  withSettings(program.command('send <session> <prompt>'))
    .description('send a prompt ("-" reads it from standard input); a dormant session is resumed first')
    .option('-w, --watch', 'show the answer as it comes, until the turn ends')
    .option('-i, --image <file>', 'send an image along; may be repeated', collect)
    .addOption(
      new Option('-b, --when-busy <what>', 'while a turn runs: wait in the queue, into that turn, or refuse')
        .choices(['queue', 'steer', 'reject'])
        .default('queue'),
    )
    .option(
      '--at <time>',
      'not before this time: 18:30, +2h, or 2026-12-24T18:00; it waits in the queue',
      timeOf,
    )
    .option('-C, --cwd <folder>', 'the folder to work in from this turn on')
    .option('--output-schema <file>', 'JSON Schema that the answer of this turn has to fit')
    .addHelpText('after', '\nExample:\n  npm test 2>&1 | codex-hub send Tests - --watch')
    .action(
      run(async (context, options: SendOptions, name: string, prompt: string) => {
        const { id: sessionId } = await findSession(await context.hub(), name)
        const input = inputOf(prompt, options)
        const { turnId, taken, entryId } = await context.command('session/send', {
          sessionId,
          input,
          whenBusy: options.whenBusy,
          settings: settingsOf(options),
          ...(options.at === undefined ? {} : { notBefore: options.at }),
          ...(options.cwd === undefined ? {} : { cwd: resolve(options.cwd) }),
          ...(options.outputSchema === undefined ? {} : { outputSchema: schemaIn(options.outputSchema) }),
        })
        await showTaken(context, options, {
          sessionId,
          turnId,
          entryId,
          value: { sessionId, turnId, taken, entryId },
        })
      }),
    )
}

/** @throws CliError when the file holds no JSON object */
function schemaIn(path: string): Record<string, unknown> {
  try {
    const schema: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return { ...schema }
  } catch (error) {
    throw new CliError(`${path} cannot be read as JSON: ${(error as Error).message}`, EXIT.usage)
  }
  throw new CliError(`${path} holds no JSON object.`, EXIT.usage)
}
