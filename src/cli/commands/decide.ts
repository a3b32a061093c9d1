/** `codex-hub approve` and `codex-hub deny`: a person's answer to what the agent waits for. */
import type { Command } from 'commander'
import type { Approval, ApprovalAnswer } from '../../protocol/approval.ts'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import { collect, type Run } from '../run.ts'
import { safe, shown } from '../text.ts'
import { choicesText } from '../watch/approval-text.ts'

type Verb = 'approve' | 'deny'

interface DecisionOptions {
  readonly choice?: string
  readonly answer?: string[]
  readonly content?: string
  readonly list?: boolean
}

export function addDecisions(program: Command, run: Run): void {
  addDecision(program, run, 'approve', 'allow what the agent asks for, or answer its question')
  addDecision(program, run, 'deny', 'refuse what the agent asks for')
}

function addDecision(program: Command, run: Run, verb: Verb, description: string): void {
  program
    .command(`${verb} <session> [approval]`)
    .description(description)
    .option(
      '-c, --choice <id>',
      `one of the choices (default: the mildest that ${verb === 'approve' ? 'allows' : 'refuses'})`,
    )
    .option('--answer <question=text>', 'answer to a question; may be repeated', collect)
    .option('--content <json>', 'what a form or a tool is given')
    .option('-l, --list', 'show what waits and its choices, decide nothing')
    .addHelpText(
      'after',
      `\nExamples:\n  codex-hub ${verb} Tests\n  codex-hub ${verb} Tests --list\n  codex-hub approve Tests --choice acceptForSession\n  codex-hub approve Tests --answer colour=Blue`,
    )
    .action(
      run(async (context, options: DecisionOptions, name: string, approvalId: string | undefined) => {
        const hub = await context.hub()
        const { id: sessionId } = await findSession(hub, name)
        const { approvals } = await hub.request('session/get', { sessionId })
        const pending = approvals.filter(({ state }) => state === 'pending')
        if (options.list) {
          context.print(
            pending,
            () => pending.map(choicesText).join('\n') || 'This session waits for nothing.',
          )
          return
        }
        const approval = pick(approvalId === undefined ? pending : approvals, approvalId)
        const answer = answerOf(approval, verb, options)
        const result = await context.command('approval/decide', {
          sessionId,
          approvalId: approval.id,
          answer,
        })
        context.print(result.approval, () => `${shown(approval.title)}: ${labelOf(approval, answer.choice)}`)
      }),
    )
}

/** The approval with this id; without one, the only one. @throws CliError */
function pick(approvals: readonly Approval[], approvalId: string | undefined): Approval {
  if (approvalId !== undefined) {
    const found = approvals.find(({ id }) => id === approvalId)
    if (!found) throw new CliError(`This session has no approval ${safe(approvalId)}.`, EXIT.failed)
    return found
  }
  const [first] = approvals
  if (!first) throw new CliError('This session waits for nothing.', EXIT.refused)
  if (approvals.length > 1) {
    const list = approvals.map(({ id, title }) => `  ${id}  ${shown(title)}`).join('\n')
    throw new CliError(`Several approvals are open; name one:\n${list}`, EXIT.usage, {
      candidates: approvals.map(({ id }) => id),
    })
  }
  return first
}

function answerOf(approval: Approval, verb: Verb, options: DecisionOptions): ApprovalAnswer {
  const choice = options.choice ?? mildest(approval, verb)
  const needs = approval.choices.find(({ id }) => id === choice)?.needs ?? null
  const isMissing =
    (needs === 'answers' && !options.answer) || (needs === 'content' && options.content === undefined)
  if (isMissing) {
    const flag = needs === 'answers' ? '--answer question=text' : '--content <json>'
    throw new CliError(`"${choice}" needs ${flag}:\n${choicesText(approval)}`, EXIT.usage, { approval })
  }
  return {
    choice,
    ...(options.answer ? { answers: answersOf(options.answer) } : {}),
    ...(options.content === undefined ? {} : { content: contentOf(options.content) }),
  }
}

/** This once rather than for good, going on rather than stopping. @throws CliError when none has the wanted effect */
function mildest(approval: Approval, verb: Verb): string {
  const effects = verb === 'approve' ? ['allow'] : ['deny', 'cancel']
  const scopes = ['once', 'turn', 'session', 'always']
  for (const effect of effects) {
    const fitting = approval.choices.filter((choice) => choice.effect === effect)
    const [choice] = fitting.toSorted((a, b) => scopes.indexOf(a.scope) - scopes.indexOf(b.scope))
    if (choice) return choice.id
  }
  throw new CliError(`Name a choice with --choice:\n${choicesText(approval)}`, EXIT.usage, {
    choices: approval.choices,
  })
}

function labelOf({ choices }: Approval, id: string): string {
  return shown(choices.find((choice) => choice.id === id)?.label ?? id)
}

function answersOf(pairs: readonly string[]): Record<string, string[]> {
  const answers = new Map<string, string[]>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new CliError(`"${pair}" is not of the form question=text.`, EXIT.usage)
    const question = pair.slice(0, at)
    answers.set(question, [...(answers.get(question) ?? []), pair.slice(at + 1)])
  }
  return Object.fromEntries(answers)
}

function contentOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CliError(`--content is not JSON: ${text}`, EXIT.usage)
  }
}
