/** `codex-hub models`: what can be named with `--model`. */
import type { Command } from 'commander'
import type { Run } from '../run.ts'
import { paint, safe, table } from '../text.ts'

export function addModels(program: Command, run: Run): void {
  program
    .command('models')
    .description('the models Codex offers, with their efforts')
    .option('-a, --all', 'also hidden ones')
    .addHelpText('after', '\nExample:\n  codex-hub models --all')
    .action(
      run(async (context, { all = false }: { all?: boolean }) => {
        const { models } = await (await context.hub()).request('model/list', { includeHidden: all })
        context.print(models, () =>
          table(
            models.map(({ id, displayName, efforts, isDefault }) => [
              isDefault ? paint('bold', safe(id)) : safe(id),
              `${safe(displayName)}${isDefault ? ' (default)' : ''}`,
              paint('dim', safe(efforts.join(' '))),
            ]),
          ),
        )
      }),
    )
}
