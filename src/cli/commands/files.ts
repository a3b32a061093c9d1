/** `codex-hub files`: files of a project by letters of their path, as a prompt would name them. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Run } from '../run.ts'
import { safe } from '../text.ts'
import { ASK_MS, type PlaceOptions, placeOf, withPlace } from './place-options.ts'

interface FilesOptions extends PlaceOptions {
  readonly cwd?: string
}

export function addFiles(program: Command, run: Run): void {
  withPlace(program.command('files <letters>'))
    .description('files by letters of their path, best first; what is in them is not read')
    .option('-C, --cwd <folder>', "look in this folder (default: the session's, else this one)")
    .addHelpText('after', '\nExample:\n  codex-hub files cart')
    .action(
      run(async (context, options: FilesOptions, query: string) => {
        const place = await placeOf(context, options)
        const folder = options.cwd ?? (place.sessionId === undefined ? '.' : undefined)
        const asked = { ...place, ...(folder === undefined ? {} : { cwd: resolve(folder) }), query }
        const found = await (await context.hub()).request('file/search', asked, { timeoutMs: ASK_MS })
        context.print(found, () => found.files.map(({ path }) => safe(path)).join('\n') || 'No such files.')
      }),
    )
}
