/** `codex-hub plugins`, `apps`, `providers`, `permission-profiles`, `modes` and `features`: lists of what Codex offers. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { QueryName } from '../../client/client.ts'
import type { ParamsOf, ResultOf } from '../../protocol/methods.ts'
import { CliError, EXIT } from '../exit.ts'
import type { Run } from '../run.ts'
import { oneLine, paint, safe, table } from '../text.ts'
import { ASK_MS, type PlaceOptions, placeOf, withPlace } from './place-options.ts'

interface ListOf<M extends QueryName> {
  readonly name: string
  readonly says: string
  readonly example: string
  readonly method: M
  /** What is said when there is none. */
  readonly none: string
  params?(options: PlaceOptions & { readonly cwd?: string; readonly installed?: boolean }): object
  rows(result: ResultOf<M>): string[][]
}

export function addCatalog(program: Command, run: Run): void {
  list(program, run, {
    name: 'plugins',
    says: 'the plugins of the marketplaces Codex knows',
    example: 'codex-hub plugins --installed',
    method: 'plugin/list',
    none: 'No plugins.',
    params: ({ installed = false, cwd }) => ({
      installedOnly: installed,
      cwds: cwd === undefined ? [] : [resolve(cwd)],
    }),
    rows: ({ plugins }) =>
      plugins.map(({ id, name, installed, enabled, description }) => [
        paint('bold', safe(id)),
        installed ? (enabled ? 'on' : 'off') : 'not installed',
        safe(name),
        paint('dim', oneLine(description, 120)),
      ]),
  }).option('-i, --installed', 'only those that are installed')
  list(program, run, {
    name: 'apps',
    says: 'the apps (connectors) of the account',
    example: 'codex-hub apps --session Tests',
    method: 'app/list',
    none: 'No apps; they come with an account of ChatGPT.',
    rows: ({ apps }) =>
      apps.map(({ id, name, enabled, accessible, description }) => [
        paint('bold', safe(id)),
        safe(name),
        accessible ? (enabled ? 'on' : 'off') : 'not connected',
        paint('dim', oneLine(description, 120)),
      ]),
  })
  list(program, run, {
    name: 'providers',
    says: 'who Codex gets models from',
    example: 'codex-hub providers',
    method: 'modelProvider/list',
    none: 'No providers.',
    rows: ({ providers }) =>
      providers.map(({ id, name, baseUrl, isDefault }) => [
        isDefault ? paint('bold', safe(id)) : safe(id),
        `${safe(name)}${isDefault ? ' (default)' : ''}`,
        paint('dim', safe(baseUrl ?? '')),
      ]),
  })
  list(program, run, {
    name: 'permission-profiles',
    says: 'what "--permissions" may be: named sets of what commands may touch',
    example: 'codex-hub permission-profiles --cwd ~/project',
    method: 'permissionProfile/list',
    none: 'No profiles.',
    params: ({ cwd }) => (cwd === undefined ? {} : { cwd: resolve(cwd) }),
    rows: ({ profiles }) =>
      profiles.map(({ id, description, allowed }) => [
        paint('bold', safe(id)),
        allowed ? '' : 'not allowed here',
        paint('dim', oneLine(description ?? '', 120)),
      ]),
  })
  list(program, run, {
    name: 'modes',
    says: 'what "--mode" may be: ways of working together',
    example: 'codex-hub modes',
    method: 'collaborationMode/list',
    none: 'This Codex has no modes.',
    rows: ({ modes }) =>
      modes.map(({ mode, name, model, effort }) => [
        paint('bold', safe(mode)),
        safe(name),
        paint('dim', [model, effort].flatMap((each) => (each === null ? [] : safe(each))).join(' ')),
      ]),
  })
  addFeatures(program, run)
}

function list<M extends QueryName>(program: Command, run: Run, listed: ListOf<M>): Command {
  const { name, says, example, method, none, params, rows } = listed
  const command = withPlace(program.command(name))
    .description(says)
    .addHelpText('after', `\nExample:\n  ${example}`)
    .action(
      run(async (context, options: PlaceOptions) => {
        const asked = { ...(await placeOf(context, options)), ...params?.(options) } as ParamsOf<M>
        const result = await (await context.hub()).request(method, asked, { timeoutMs: ASK_MS })
        context.print(result, () => table(rows(result), 'cut') || none)
      }),
    )
  if (params) command.option('-C, --cwd <folder>', 'look from this folder')
  return command
}

interface FeatureOptions extends PlaceOptions {
  readonly all?: boolean
  readonly enable?: string
  readonly disable?: string
}

function addFeatures(program: Command, run: Run): void {
  withPlace(program.command('features'))
    .description('the features of Codex that can be switched, and switching them in its configuration')
    .option('-a, --all', 'also those that nobody should touch yet, or any more')
    .option('--enable <name>', 'switch one on')
    .option('--disable <name>', 'switch one off')
    .addHelpText('after', '\nExamples:\n  codex-hub features --all\n  codex-hub features --enable goals')
    .action(
      run(async (context, options: FeatureOptions) => {
        const { enable, disable, all = false } = options
        if (enable !== undefined && disable !== undefined) {
          throw new CliError('Either --enable or --disable; not both.', EXIT.usage)
        }
        const place = await placeOf(context, options)
        const name = enable ?? disable
        if (name !== undefined) {
          const done = await context.command('feature/enable', {
            ...place,
            name,
            enabled: enable !== undefined,
          })
          const state = done.enabled ? 'on' : 'off'
          context.print(done, () =>
            done.inForce
              ? `${safe(name)} is ${state}.`
              : `${safe(name)} is written as ${state}, and overruled elsewhere.`,
          )
          return
        }
        const { features } = await (await context.hub()).request('feature/list', place, { timeoutMs: ASK_MS })
        const shown = all ? features : features.filter(({ stage }) => stage === 'beta' || stage === 'stable')
        context.print(shown, () =>
          table(
            shown.map(({ name: each, stage, enabled, description }) => [
              enabled ? paint('bold', safe(each)) : safe(each),
              enabled ? 'on' : 'off',
              paint('dim', safe(stage)),
              oneLine(description ?? '', 120),
            ]),
            'cut',
          ),
        )
      }),
    )
}
