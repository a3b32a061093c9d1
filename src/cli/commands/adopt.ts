/** What others started: which homes are watched, what was found in them, and stepping from one door to another. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { HubClient } from '../../client/client.ts'
import type { Home } from '../../protocol/home.ts'
import type { Summary } from '../../protocol/summary.ts'
import { findSession, shortId } from '../find-session.ts'
import type { Run } from '../run.ts'
import { ago, oneLine, paint, safe, shortPath, table } from '../text.ts'
import { type SettingsOptions, settingsOf, withSettings } from './settings-options.ts'
import { tellWorktree, type WorktreeOptions, withWorktree, worktreeOf } from './worktree-options.ts'

const CONTROL: Record<Summary['door'], string> = {
  driven: 'full: the hub runs it',
  attached: 'full, shared with its terminal',
  observed: 'none: seen from its file; take-over, or fork',
  dormant: 'nothing runs; a message resumes it',
  imported: 'none: it came as a file, and can be read',
}

const TICK_MS = 200

interface AdoptOptions {
  readonly wait?: boolean
  readonly on?: string
  readonly off?: string
  readonly forget?: string
}

interface ForkOptions extends SettingsOptions, WorktreeOptions {
  readonly through?: string
  readonly name?: string
  readonly cwd?: string
}

export function addAdoption(program: Command, run: Run): void {
  program
    .command('adopt [thread]')
    .description(
      'the Codex homes, and the sessions others started in them; with a thread: have its session back',
    )
    .option('-w, --wait', 'until everything that was found has been looked at')
    .option('--on <home>', 'adopt what others start in this Codex home, from now on')
    .option('--off <home>', 'do not; what was adopted stays')
    .option('--forget <home>', 'look into this home no more at all')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub adopt\n  codex-hub --json adopt --wait\n  codex-hub adopt --on ~/.codex-work\n  codex-hub adopt 01a1fd07-264a-78f3-baa6-9a1592c307d8',
    )
    .action(
      run(async (context, options: AdoptOptions, threadId?: string) => {
        const hub = await context.hub()
        const { wait = false, on, off, forget } = options
        if (on !== undefined) await context.command('home/set', { home: resolve(on), adopt: true })
        if (off !== undefined) await context.command('home/set', { home: resolve(off), adopt: false })
        if (forget !== undefined) await context.command('home/forget', { home: resolve(forget) })
        if (threadId !== undefined) {
          const { session } = await context.command('session/adopt', { threadId })
          context.print(session, () => session.id)
          return
        }
        const homes = wait ? await settled(hub, context.isJson) : (await hub.request('home/list', {})).homes
        const { sessions, total } = await hub.request('session/list', { limit: 100 })
        const found = sessions.filter(({ door }) => door !== 'driven')
        context.print({ homes, sessions: found }, () => report(homes, found, total))
      }),
    )
  step(program, run, 'take-over', 'session/takeOver', 'go on with a session that nobody else has open')
  step(program, run, 'join', 'session/join', 'follow a session that your Codex daemon has open')
  withWorktree(withSettings(program.command('fork <session>')))
    .description('a new session with the past of this one, whoever has that open')
    .option('--through <turn>', 'take along its turns up to this one')
    .option('--name <name>', 'name the new session')
    .option('--cwd <folder>', 'its folder (default: the same)')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub fork Tests --name "Another way"\n  codex-hub fork Tests --model gpt-5.5 --worktree',
    )
    .action(
      run(async (context, options: ForkOptions, named: string) => {
        const { id: sessionId } = await findSession(await context.hub(), named)
        const wanted = worktreeOf(options)
        const { session, worktree } = await context.command('session/fork', {
          sessionId,
          settings: settingsOf(options),
          ...(wanted === undefined ? {} : { worktree: wanted }),
          ...(options.through === undefined ? {} : { throughTurnId: options.through }),
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.cwd === undefined ? {} : { cwd: resolve(options.cwd) }),
        })
        tellWorktree(worktree)
        context.print(session, () => session.id)
      }),
    )
  program
    .command('release <session>')
    .description('hand a session over to a terminal; prints the command that goes on there')
    .addHelpText('after', '\nExample:\n  codex-hub release Tests')
    .action(
      run(async (context, _options: object, name: string) => {
        const { id: sessionId } = await findSession(await context.hub(), name)
        const result = await context.command('session/release', { sessionId })
        const { command, env, cwd } = result
        const words = [
          ...Object.entries(env).map(([key, value]) => `${key}=${quote(value)}`),
          ...command.map(quote),
        ]
        context.print(result, () => `cd ${quote(cwd)} && ${words.join(' ')}`)
      }),
    )
}

function step(
  program: Command,
  run: Run,
  name: string,
  method: 'session/takeOver' | 'session/join',
  description: string,
): void {
  program
    .command(`${name} <session>`)
    .description(description)
    .addHelpText('after', `\nExample:\n  codex-hub ${name} 55a8dd1c`)
    .action(
      run(async (context, _options: object, named: string) => {
        const { id: sessionId } = await findSession(await context.hub(), named)
        const { session } = await context.command(method, { sessionId })
        context.print(session, () => `"${safe(session.title)}" is ${session.door}, ${session.phase}.`)
      }),
    )
}

/** Shows progress on a terminal. */
async function settled(hub: HubClient, isJson: boolean): Promise<Home[]> {
  const isScreen = !isJson && process.stderr.isTTY
  for (;;) {
    const { homes } = await hub.request('home/list', {})
    const waiting = homes.reduce((sum, home) => sum + home.waiting, 0)
    const threads = homes.reduce((sum, home) => sum + home.threads, 0)
    if (isScreen)
      process.stderr.write(`\r\x1b[K${waiting === 0 ? '' : `Looking: ${threads - waiting} of ${threads}`}`)
    if (waiting === 0) return homes
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
}

function report(homes: readonly Home[], sessions: readonly Summary[], total: number): string {
  const parts = homes.map(homeText)
  if (sessions.length === 0)
    parts.push('No sessions of others yet: start codex in a terminal and look again.')
  else {
    const rows = sessions.map(({ id, door, title, cwd, updatedAt }) => [
      shortId(id),
      door,
      ago(updatedAt),
      oneLine(title, 32),
      paint('dim', shortPath(cwd, 30)),
      CONTROL[door],
    ])
    const head = ['SESSION', 'DOOR', 'AGE', 'TITLE', 'FOLDER', 'CONTROL'].map((text) => paint('bold', text))
    parts.push(table([head, ...rows]))
  }
  if (total > sessions.length) parts.push(paint('dim', `${total} sessions in all; see codex-hub sessions.`))
  return parts.join('\n\n')
}

function homeText({ codexHome, adopt, threads, waiting, observed, problems, daemon, dropped }: Home): string {
  if (!adopt) return `${safe(codexHome)}\n  adoption is off; codex-hub adopt --on ${quote(safe(codexHome))}`
  const progress = waiting === 0 ? '' : `, ${waiting} still to be looked at`
  return [
    safe(codexHome),
    `  ${threads} ${threads === 1 ? 'rollout' : 'rollouts'}${progress}; ${observed} being read as they grow`,
    ...(daemon
      ? [
          `  daemon: ${safe(daemon.sentence)} ${daemon.threads > 0 ? `(${daemon.threads} open)` : ''}`.trimEnd(),
        ]
      : []),
    ...(dropped.length > 0
      ? [`  deleted here, kept by Codex: ${dropped.map(({ threadId }) => safe(threadId)).join(', ')}`]
      : []),
    ...problems.map((problem) => paint('yellow', `  ! ${safe(problem)}`)),
  ].join('\n')
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
