/** `codex-hub delete`: a session leaves the hub, and Codex too where that is asked for. */
import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import type { Run } from '../run.ts'
import { safe } from '../text.ts'

interface DeleteOptions {
  readonly codex?: boolean
  readonly force?: boolean
  readonly yes?: boolean
}

export function addDelete(program: Command, run: Run): void {
  program
    .command('delete <session>')
    .description('remove a session from the hub; Codex keeps its thread unless --codex says otherwise')
    .option('--codex', "Codex's thread and its history too, for good")
    .option('-f, --force', 'also while a turn runs')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExamples:\n  codex-hub delete Tests\n  codex-hub delete Tests --codex --yes')
    .action(
      run(async (context, options: DeleteOptions, name: string) => {
        const { id: sessionId, title } = await findSession(await context.hub(), name, 'any')
        const { codex = false, force = false } = options
        if (!options.yes) await confirm(question(safe(title), codex))
        const result = await context.command('session/delete', { sessionId, codex, force })
        const { threadId } = result
        context.print(result, () =>
          threadId === null
            ? `"${safe(title)}" is deleted, here and in Codex.`
            : `"${safe(title)}" is deleted here. Codex keeps it: codex-hub adopt ${threadId}`,
        )
      }),
    )
}

function question(title: string, codex: boolean): string {
  const what = codex
    ? 'here and in Codex, with its history, for good'
    : 'from the hub; Codex keeps its thread'
  return `Delete "${title}" ${what}? [y/N] `
}

/** @throws CliError when nobody says yes */
async function confirm(text: string): Promise<void> {
  if (!process.stdin.isTTY) throw new CliError('Nobody can be asked here; say --yes.', EXIT.usage)
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await prompt.question(text)
  prompt.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('Nothing was deleted.', EXIT.failed)
}
