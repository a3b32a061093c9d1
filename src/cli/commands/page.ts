/** `codex-hub page`: where the page is. */
import type { Command } from 'commander'
import { openPage, pageLink } from '../page-link.ts'
import type { Run } from '../run.ts'

export function addPage(program: Command, run: Run): void {
  program
    .command('page')
    .description("the link to the hub's page, with the token that logs in")
    .option('--open', 'open it in the browser')
    .addHelpText('after', '\nExamples:\n  codex-hub page\n  codex-hub page --open')
    .action(
      run(async (context, { open }: { open?: boolean }) => {
        await context.hub()
        const { url, token } = context.address()
        const link = pageLink(url, token)
        context.print({ page: link }, () => link)
        if (open) await openPage(url, token)
      }),
    )
}
