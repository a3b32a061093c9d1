/** `codex-hub skills` and `hooks`: what counts in a folder. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { HookFolder, SkillFolder } from '../../protocol/catalog.ts'
import { CliError, EXIT } from '../exit.ts'
import { collect, type Run } from '../run.ts'
import { oneLine, paint, safe, shortPath, table } from '../text.ts'
import { ASK_MS, type PlaceOptions, placeOf, withPlace } from './place-options.ts'

interface FolderOptions extends PlaceOptions {
  readonly cwd?: string[]
}

interface SkillOptions extends FolderOptions {
  readonly reload?: boolean
  readonly enable?: string
  readonly disable?: string
}

export function addSkills(program: Command, run: Run): void {
  withPlace(program.command('skills'))
    .description('the skills of Codex in a folder, and switching one on or off')
    .option('-C, --cwd <folder>', 'look from this folder (default: this one); may be repeated', collect)
    .option('-r, --reload', 'look at the disk again')
    .option('--enable <skill>', 'switch a skill on, by its name or the path of its SKILL.md')
    .option('--disable <skill>', 'switch a skill off')
    .addHelpText('after', '\nExamples:\n  codex-hub skills\n  codex-hub skills --disable tidy')
    .action(
      run(async (context, options: SkillOptions) => {
        const { enable, disable } = options
        if (enable !== undefined && disable !== undefined) {
          throw new CliError('Either --enable or --disable; not both.', EXIT.usage)
        }
        const place = await placeOf(context, options)
        const skill = enable ?? disable
        if (skill !== undefined) {
          const done = await context.command('skill/enable', {
            ...place,
            skill,
            enabled: enable !== undefined,
          })
          context.print(done, () => `${safe(done.path)} is ${done.enabled ? 'on' : 'off'}.`)
          return
        }
        const hub = await context.hub()
        const asked = { ...place, cwds: foldersOf(options), reload: options.reload ?? false }
        const { folders } = await hub.request('skill/list', asked, { timeoutMs: ASK_MS })
        context.print(folders, () => folders.map(skillsText).join('\n\n'))
      }),
    )
  withPlace(program.command('hooks'))
    .description('the hooks Codex runs in a folder, and whether it trusts them')
    .option('-C, --cwd <folder>', 'look from this folder (default: this one); may be repeated', collect)
    .addHelpText('after', '\nExample:\n  codex-hub hooks --cwd ~/project')
    .action(
      run(async (context, options: FolderOptions) => {
        const hub = await context.hub()
        const asked = { ...(await placeOf(context, options)), cwds: foldersOf(options) }
        const { folders } = await hub.request('hook/list', asked, { timeoutMs: ASK_MS })
        context.print(folders, () => folders.map(hooksText).join('\n\n'))
      }),
    )
}

/** A session has a folder of its own. */
function foldersOf({ cwd, session }: FolderOptions): string[] {
  if (cwd) return cwd.map((folder) => resolve(folder))
  return session === undefined ? [process.cwd()] : []
}

function skillsText({ cwd, skills, errors }: SkillFolder): string {
  const rows = skills.map(({ name, enabled, scope, description }) => [
    `  ${enabled ? paint('bold', safe(name)) : paint('dim', safe(name))}`,
    enabled ? '' : paint('dim', 'off'),
    paint('dim', safe(scope)),
    oneLine(description, 120),
  ])
  const problems = errors.map(({ path, message }) => paint('yellow', `  ! ${safe(path)}: ${safe(message)}`))
  return [
    shortPath(cwd, 100),
    ...(rows.length === 0 ? ['  no skills'] : [table(rows, 'cut')]),
    ...problems,
  ].join('\n')
}

function hooksText({ cwd, hooks, warnings, errors }: HookFolder): string {
  const rows = hooks.map(({ event, matcher, runs, kind, enabled, trust }) => [
    `  ${paint('bold', safe(event))}`,
    safe(matcher ?? ''),
    enabled ? safe(trust) : 'off',
    oneLine(runs ?? kind, 120),
  ])
  const problems = [...warnings, ...errors.map(({ path, message }) => `${path}: ${message}`)]
  return [
    shortPath(cwd, 100),
    ...(rows.length === 0 ? ['  no hooks'] : [table(rows, 'cut')]),
    ...problems.map((problem) => paint('yellow', `  ! ${safe(problem)}`)),
  ].join('\n')
}
