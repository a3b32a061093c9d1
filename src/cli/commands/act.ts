/** Commands that do something to a session: new, send, approve, deny, interrupt, resume, end, rename, configure, open. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { execa } from 'execa'
import type { Approval } from '../../protocol/approval.ts'
import type { Input } from '../../protocol/input.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import type { Run } from '../main.ts'
import { oneLine, paint, safe } from '../text.ts'
import { watchSession } from './watch.ts'

interface SettingsOptions {
  readonly model?: string
  readonly effort?: string
  readonly sandbox?: SettingsRequest['sandbox']
  readonly approvalPolicy?: string
}

interface PromptOptions extends SettingsOptions {
  readonly cwd?: string
  readonly name?: string
  readonly watch?: boolean
  readonly image?: string[]
}

export function addActions(program: Command, run: Run): void {
  withSettings(program.command('new [prompt]'))
    .description('start a session, with a first prompt if given ("-" reads it from standard input)')
    .option('-C, --cwd <folder>', 'folder it works in (default: this one)')
    .option('-n, --name <name>', 'name of the session')
    .option('-w, --watch', 'show the answer as it comes')
    .option('-i, --image <file...>', 'send images along')
    .addHelpText(
      'after',
      '\nExample:\n  codex-hub new "Why does the build fail?" --sandbox read-only --watch',
    )
    .action(run(create))

  program
    .command('send <session> <prompt>')
    .description('send a prompt ("-" reads it from standard input); a dormant session is resumed first')
    .option('-w, --watch', 'show the answer as it comes')
    .option('-i, --image <file...>', 'send images along')
    .action(
      run(async (context, options: PromptOptions, name: string, prompt: string) => {
        const hub = await context.hub()
        const { id } = await context.session(name)
        const { turnId } = await hub.command('session/send', {
          sessionId: id,
          input: inputOf(prompt, options),
        })
        await told(context, options, id, turnId, { sessionId: id, turnId })
      }),
    )

  for (const verb of ['approve', 'deny'] as const) addDecision(program, run, verb)

  program
    .command('interrupt <session>')
    .description('stop the running turn')
    .action(
      run(async (context, _options: object, name: string) => {
        const { id } = await context.session(name)
        const result = await (await context.hub()).command('session/interrupt', { sessionId: id })
        context.print(result, () => 'Interrupted.')
      }),
    )
  program
    .command('resume <session>')
    .description('bring a dormant session back, with its memory')
    .action(
      run(async (context, _options: object, name: string) => {
        const { id } = await context.session(name)
        const { session } = await (await context.hub()).command('session/resume', { sessionId: id })
        context.print(session, () => `${session.id} is ${session.phase}.`)
      }),
    )
  program
    .command('end <session>')
    .description('interrupt what runs and end the process; the session can be resumed')
    .option('-f, --force', 'without asking the turn to stop')
    .action(
      run(async (context, { force = false }: { force?: boolean }, name: string) => {
        const { id } = await context.session(name)
        const { session } = await (await context.hub()).command('session/end', { sessionId: id, force })
        context.print(session, () => `${session.id} is ${session.phase}.`)
      }),
    )
  program
    .command('rename <session> <name>')
    .description('name a session, here and in Codex')
    .action(
      run(async (context, _options: object, name: string, title: string) => {
        const { id } = await context.session(name)
        const { session } = await (await context.hub()).command('session/rename', {
          sessionId: id,
          name: title,
        })
        context.print(session, () => `${session.id} is now "${safe(session.title)}".`)
      }),
    )
  withSettings(program.command('configure <session>'))
    .description('change what a session runs with, from its next turn on')
    .action(
      run(async (context, options: SettingsOptions, name: string) => {
        const { id } = await context.session(name)
        const settings = settingsOf(options)
        if (Object.keys(settings).length === 0)
          throw new CliError('Nothing to change; see --help.', EXIT.usage)
        const { session } = await (await context.hub()).command('session/configure', {
          sessionId: id,
          settings,
        })
        context.print(session.settings, () => JSON.stringify(session.settings))
      }),
    )
  program
    .command('open <session>')
    .description('join a Codex terminal to the live session; both stay live')
    .action(
      run(async (context, _options: object, name: string) => {
        const hub = await context.hub()
        const { id } = await context.session(name)
        const known = await hub.request('session/get', { sessionId: id })
        if (known.session.door === 'dormant') await hub.command('session/resume', { sessionId: id })
        const { command, env, cwd } = await hub.request('session/terminal', { sessionId: id })
        if (context.isJson) {
          context.print({ command, env, cwd }, () => '')
          return
        }
        context.close()
        const [file = '', ...args] = command
        const { exitCode } = await execa(file, args, { cwd, env, stdio: 'inherit', reject: false })
        process.exitCode = exitCode ?? EXIT.failed
      }),
    )
}

function withSettings(command: Command): Command {
  return command
    .option('-m, --model <model>', 'see "codex-hub models"')
    .option('-e, --effort <effort>', 'reasoning effort')
    .addOption(
      new Option('-s, --sandbox <mode>').choices(['read-only', 'workspace-write', 'danger-full-access']),
    )
    .addOption(new Option('-a, --approval-policy <policy>').choices(['untrusted', 'on-request', 'never']))
}

function settingsOf({ model, effort, sandbox, approvalPolicy }: SettingsOptions): SettingsRequest {
  return Object.fromEntries(
    Object.entries({ model, effort, sandbox, approvalPolicy }).filter(([, value]) => value !== undefined),
  )
}

function inputOf(prompt: string, { image = [] }: PromptOptions): Input {
  const text = prompt === '-' ? readFileSync(0, 'utf8') : prompt
  if (text.trim() === '') throw new CliError('The prompt is empty.', EXIT.usage)
  return [
    { type: 'text', text },
    ...image.map((path) => ({ type: 'localImage' as const, path: resolve(path) })),
  ]
}

async function create(context: Context, options: PromptOptions, prompt: string | undefined): Promise<void> {
  const hub = await context.hub()
  const { session, turnId } = await hub.command('session/create', {
    cwd: resolve(options.cwd ?? '.'),
    settings: settingsOf(options),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(prompt === undefined ? {} : { input: inputOf(prompt, options) }),
  })
  if (session.problem)
    throw new CliError(`${session.id} was made, but: ${session.problem.message}`, EXIT.failed)
  await told(context, options, session.id, turnId, session)
}

async function told(
  context: Context,
  { watch }: PromptOptions,
  sessionId: string,
  turnId: string | null,
  value: object,
): Promise<void> {
  if (watch && turnId !== null) {
    if (!context.isJson) console.log(paint('dim', sessionId))
    await watchSession(await context.hub(), sessionId, { json: context.isJson, untilIdle: true, turnId })
    return
  }
  context.print(value, () => `${sessionId}\n${paint('dim', `codex-hub watch ${sessionId}`)}`)
}

interface DecisionOptions {
  readonly choice?: string
  readonly answer?: string[]
  readonly content?: string
}

function addDecision(program: Command, run: Run, verb: 'approve' | 'deny'): void {
  program
    .command(`${verb} <session> [approval]`)
    .description(
      verb === 'approve'
        ? 'allow what the agent asks for, or answer its question'
        : 'refuse what the agent asks for',
    )
    .option('-c, --choice <id>', 'one of the choices shown by "codex-hub watch"')
    .option('--answer <question=text...>', 'answers to a question')
    .option('--content <json>', 'what a form or a tool is given')
    .action(
      run(async (context, options: DecisionOptions, name: string, approvalId: string | undefined) => {
        const hub = await context.hub()
        const { id } = await context.session(name)
        const { approvals } = await hub.request('session/get', { sessionId: id })
        const approval = pick(approvals, approvalId)
        const choice = options.choice ?? choose(approval, verb)
        const answer = {
          choice,
          ...(options.answer ? { answers: answersOf(options.answer) } : {}),
          ...(options.content === undefined ? {} : { content: JSON.parse(options.content) as unknown }),
        }
        const result = await hub.command('approval/decide', {
          sessionId: id,
          approvalId: approval.id,
          answer,
        })
        context.print(result.approval, () => `${oneLine(approval.title, 100)}: ${choice}`)
      }),
    )
}

function pick(approvals: readonly Approval[], approvalId: string | undefined): Approval {
  if (approvalId !== undefined) {
    const found = approvals.find(({ id }) => id === approvalId)
    if (!found) throw new CliError(`No approval ${approvalId} in this session.`, EXIT.failed)
    return found
  }
  const pending = approvals.filter(({ state }) => state === 'pending')
  const [first] = pending
  if (!first) throw new CliError('This session waits for nothing.', EXIT.refused)
  if (pending.length > 1) {
    const list = pending.map(({ id, title }) => `  ${id}  ${oneLine(title, 100)}`).join('\n')
    throw new CliError(`Several approvals are open; name one:\n${list}`, EXIT.usage)
  }
  return first
}

/** The mildest choice of the wanted effect: this once, and going on rather than stopping. */
function choose({ choices }: Approval, verb: 'approve' | 'deny'): string {
  const effects = verb === 'approve' ? ['allow'] : ['deny', 'cancel']
  for (const effect of effects) {
    const choice = choices.find((known) => known.effect === effect)
    if (choice) return choice.id
  }
  const list = choices.map(({ id, label }) => `  ${id}  ${safe(label)}`).join('\n')
  throw new CliError(`Name a choice with --choice:\n${list}`, EXIT.usage)
}

function answersOf(pairs: readonly string[]): Record<string, string[]> {
  const answers: Record<string, string[]> = {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new CliError(`"${pair}" is not of the form question=text.`, EXIT.usage)
    const question = pair.slice(0, at)
    answers[question] = [...(answers[question] ?? []), pair.slice(at + 1)]
  }
  return answers
}
