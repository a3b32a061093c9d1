/** `codex-hub config`: what Codex is configured with, and changing it. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { CodexConfig, ConfigWritten } from '../../protocol/codex-config.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import type { Run } from '../run.ts'
import { paint, safe, shortPath, table } from '../text.ts'
import { ASK_MS, type PlaceOptions, placeOf, withPlace } from './place-options.ts'

interface GetOptions extends PlaceOptions {
  readonly cwd?: string
  readonly layers?: boolean
}

interface SetOptions extends PlaceOptions {
  readonly expect?: string
  readonly merge?: boolean
}

export function addCodexConfig(program: Command, run: Run): void {
  const config = program
    .command('config')
    .description("Codex's configuration: what is set and where, and changing it")
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub config get\n  codex-hub config set model_reasoning_effort high',
    )
  withPlace(config.command('get [key]'))
    .description('what is set, and by which file; with a key its value also where nothing sets it')
    .option('-C, --cwd <folder>', "as seen from this folder, with its project's configuration")
    .option('-l, --layers', 'each file that counts, with its version')
    .addHelpText('after', '\nExamples:\n  codex-hub config get\n  codex-hub config get model --cwd ~/project')
    .action(
      run(async (context, options: GetOptions, key?: string) => {
        const place = await placeOf(context, options)
        const asked = { ...place, ...(options.cwd === undefined ? {} : { cwd: resolve(options.cwd) }) }
        const read = await (await context.hub()).request('config/read', asked, { timeoutMs: ASK_MS })
        if (key !== undefined) printValue(context, read, key)
        else context.print(read, () => (options.layers ? layersText(read) : setText(read)))
      }),
    )
  withPlace(config.command('set <key> <value>'))
    .description("write a value into the user's configuration; JSON, or else a text")
    .option('--expect <version>', 'only if the file is still this one ("codex-hub --json config get" has it)')
    .option('--merge', 'into the table that is there, instead of in its place')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub config set model gpt-5.5\n  codex-hub config set features.goals true',
    )
    .action(
      run(async (context, options: SetOptions, key: string, value: string) => {
        await write(context, options, { key, value: parsed(value) })
      }),
    )
  withPlace(config.command('unset <key>'))
    .description("take a value out of the user's configuration")
    .option('--expect <version>', 'only if the file is still this one')
    .addHelpText('after', '\nExample:\n  codex-hub config unset model')
    .action(
      run(async (context, options: SetOptions, key: string) => {
        await write(context, options, { key, value: null })
      }),
    )
}

async function write(
  context: Context,
  options: SetOptions,
  { key, value }: { key: string; value: unknown },
): Promise<void> {
  const written = await context.command('config/write', {
    ...(await placeOf(context, options)),
    edits: [{ keyPath: key, value, merge: options.merge ? 'upsert' : 'replace' }],
    ...(options.expect === undefined ? {} : { expectedVersion: options.expect }),
  })
  context.print(written, () => writtenText(key, value === null, written))
}

/** Numbers, switches, lists and tables are written as JSON; everything else is a text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function printValue(context: Context, { config, origins }: CodexConfig, key: string): void {
  let value: unknown = config
  for (const name of key.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
      throw new CliError(`Codex's configuration has no "${safe(key)}".`, EXIT.failed, { key })
    }
    value = (value as Record<string, unknown>)[name]
  }
  context.print({ key, value, origin: origins[key] ?? null }, () => safe(shownValue(value)))
}

function setText({ origins, config }: CodexConfig): string {
  const rows = Object.keys(origins)
    .sort()
    .map((key) => {
      const { kind = '', path = null } = origins[key] ?? {}
      const value = shownValue(at(config, key))
      return [paint('bold', safe(key)), safe(value), paint('dim', path === null ? kind : shortPath(path, 60))]
    })
  return rows.length === 0 ? 'Nothing is set; all is as Codex comes.' : table(rows)
}

function layersText({ layers }: CodexConfig): string {
  return table(
    layers.map(({ kind, path, version, disabledReason }) => [
      paint('bold', safe(kind)),
      path === null ? '' : shortPath(path, 70),
      paint('dim', safe(version)),
      disabledReason === null ? '' : paint('yellow', safe(disabledReason)),
    ]),
  )
}

function writtenText(key: string, isTaken: boolean, { path, overridden }: ConfigWritten): string {
  const done = `${safe(key)} is ${isTaken ? 'not set any more in' : 'written to'} ${safe(path)}.`
  return overridden === null ? done : `${done}\nNot in force: ${safe(overridden.message)}`
}

/** Keys of tables may hold dots: the longest name that fits is taken. */
function at(value: unknown, key: string): unknown {
  if (key === '') return value
  if (typeof value !== 'object' || value === null) return undefined
  const names = Object.keys(value).filter((name) => key === name || key.startsWith(`${name}.`))
  const name = names.sort((a, b) => b.length - a.length)[0]
  if (name === undefined) return undefined
  return at((value as Record<string, unknown>)[name], key.slice(name.length + 1))
}

function shownValue(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
