/** An approval as a person reads it: what is asked, why, and every way to answer. */
import type { Approval } from '../../protocol/approval.ts'
import { shortId } from '../find-session.ts'
import { paint, shown } from '../text.ts'

interface AskedQuestion {
  readonly id: string
  readonly question: string
  readonly labels: readonly string[]
}

/** What waits, with its choices by id. */
export function choicesText(approval: Approval): string {
  const { id, title, reason, choices } = approval
  const width = Math.max(...choices.map((choice) => choice.id.length), 0)
  return [
    `${paint('yellow', `? ${shown(title)}`)}  ${paint('dim', id)}`,
    ...(reason ? [`  ${shown(reason)}`] : []),
    ...questionsOf(approval).map((asked) => `  ${questionText(asked)}`),
    ...choices.map((choice) => `    ${shown(choice.id).padEnd(width)}  ${paint('dim', shown(choice.label))}`),
  ].join('\n')
}

/** The command lines that answer it. */
export function howToAnswer(approval: Approval, sessionId: string): string {
  const name = shortId(sessionId)
  const questions = questionsOf(approval)
  if (questions.length > 0) {
    const answers = questions.map(({ id, labels }) => JSON.stringify(`${id}=${labels[0] ?? '…'}`)).join(' ')
    return `  codex-hub approve ${name} --answer ${answers}`
  }
  return `  codex-hub approve ${name}  or  codex-hub deny ${name}  (--choice <id> for another)`
}

function questionText({ id, question, labels }: AskedQuestion): string {
  return `${paint('bold', shown(id))}: ${shown(question)}${labels.length > 0 ? ` [${labels.map(shown).join(' | ')}]` : ''}`
}

/** Codex 0.98 and later: `params.questions`, `[{id, question, options: [{label}] | null}]`. */
function questionsOf({ kind, params }: Approval): AskedQuestion[] {
  if (kind !== 'question') return []
  const { questions } = params as { questions?: unknown }
  if (!Array.isArray(questions)) return []
  return questions.flatMap((entry: { id?: unknown; question?: unknown; options?: unknown } | null) => {
    if (typeof entry?.id !== 'string') return []
    const options = Array.isArray(entry.options) ? entry.options : []
    const labels = options.flatMap((option: { label?: unknown } | null) =>
      typeof option?.label === 'string' ? [option.label] : [],
    )
    return [{ id: entry.id, question: String(entry.question ?? ''), labels }]
  })
}
