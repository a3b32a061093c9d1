/** `codex-hub export` and `import`: a session as a file, and such a file as a session to read. */
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { extname } from 'node:path'
import { type Command, Option } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import type { Run } from '../run.ts'
import { safe } from '../text.ts'

const FORMATS = { md: 'markdown', json: 'json', html: 'html' } as const
type Ending = keyof typeof FORMATS

interface ExportOptions {
  readonly format?: Ending
  readonly output?: string
}

export function addExport(program: Command, run: Run): void {
  program
    .command('export <session>')
    .description('a session as a file: to read (md, html) or to import elsewhere (json)')
    .addOption(
      new Option(
        '-f, --format <format>',
        'what to write; otherwise what the name of the file says, or md',
      ).choices(Object.keys(FORMATS)),
    )
    .option('-o, --output <file>', 'where to; otherwise it is printed')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub export Tests -o tests.html\n  codex-hub export Tests --format md | less\n  codex-hub export 55a8dd1c -o tests.json',
    )
    .action(
      run(async (context, { format, output }: ExportOptions, name: string) => {
        const hub = await context.hub()
        const { id, title } = await findSession(hub, name, 'orElse')
        const ending = format ?? endingOf(output) ?? 'md'
        const pieces = hub.exportSession(id, FORMATS[ending])
        if (output === undefined) {
          for await (const { text } of pieces) await print(text)
          return
        }
        const bytes = await write(output, pieces)
        context.print({ file: output, format: FORMATS[ending], bytes, sessionId: id }, () => {
          return `"${safe(title)}" is in ${safe(output)} (${Math.ceil(bytes / 1024)} KiB).`
        })
      }),
    )
  program
    .command('import <file>')
    .description('an exported session (json) of another hub, to be read in this one')
    .addHelpText('after', '\nExample:\n  codex-hub import tests.json')
    .action(
      run(async (context, _options: object, file: string) => {
        const hub = await context.hub()
        const { session, isNew } = await hub.importSession(read(file))
        context.print({ session, isNew }, () =>
          isNew
            ? `"${safe(session.title)}" is here to be read: codex-hub watch ${session.id}`
            : `"${safe(session.title)}" is here already, from this export or a newer one.`,
        )
      }),
    )
}

function endingOf(file: string | undefined): Ending | null {
  const ending = file === undefined ? '' : extname(file).slice(1).toLowerCase()
  if (ending === 'markdown') return 'md'
  if (ending === 'htm') return 'html'
  return Object.hasOwn(FORMATS, ending) ? (ending as Ending) : null
}

/** Slowly where the reader is slow: a pipe must not fill the memory. */
function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()))
}

/** Beside its place, and there when it is whole. @returns its size in bytes */
async function write(file: string, pieces: AsyncIterable<{ readonly text: string }>): Promise<number> {
  const partial = `${file}.partial`
  const handle = await open(partial, 'w', 0o600)
  let bytes = 0
  try {
    for await (const { text } of pieces) bytes += (await handle.write(text)).bytesWritten
    await handle.close()
    await rename(partial, file)
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(partial, { force: true })
    throw error
  }
  return bytes
}

async function* read(file: string): AsyncGenerator<string> {
  try {
    for await (const piece of createReadStream(file, 'utf8')) yield piece as string
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new CliError(`${file} cannot be read: ${message}`, EXIT.usage, { file })
  }
}
