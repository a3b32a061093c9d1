/** Prints the state of a session as it grows: remembers what stands on the screen already, and only ever adds. */
import type { Approval } from '../../protocol/approval.ts'
import type { Item } from '../../protocol/item.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { Turn } from '../../protocol/turn.ts'
import { shortId } from '../find-session.ts'
import { oneLine, paint, safe, shown } from '../text.ts'
import { choicesText, howToAnswer } from './approval-text.ts'
import { itemLine } from './item-line.ts'

export class Printer {
  readonly #json: boolean
  readonly #sessionId: string
  /** Only this turn is shown, when it is set. */
  readonly #turnId: string | undefined
  readonly #write: (text: string) => void
  /** What stands on the screen of each text. */
  readonly #printed = new Map<string, string>()
  readonly #seen = new Set<string>()
  /** The text that stands in the last line, to which more may come. */
  #open: string | null = null
  #endsLine = true

  constructor(options: {
    json: boolean
    sessionId: string
    turnId?: string | undefined
    write: (text: string) => void
  }) {
    this.#write = options.write
    this.#json = options.json
    this.#sessionId = options.sessionId
    this.#turnId = options.turnId
  }

  show(state: SessionState): void {
    const isShown = (turnId: string | null) => this.#turnId === undefined || turnId === this.#turnId
    for (const turn of state.turns) {
      if (!isShown(turn.id)) continue
      for (const item of state.items) if (item.turnId === turn.id) this.#item(item, state)
      for (const approval of state.approvals) if (approval.turnId === turn.id) this.#approval(approval)
      if (turn.status !== 'inProgress') this.#turn(turn)
    }
    const known = new Set(state.turns.map(({ id }) => id))
    for (const approval of state.approvals) {
      const { turnId } = approval
      if (turnId === null || (!known.has(turnId) && isShown(turnId))) this.#approval(approval)
    }
    const { problem } = state.summary
    if (problem) this.#once(`problem ${problem.at}`, { problem }, () => paint('red', safe(problem.message)))
  }

  /** A word of ours, in a line of its own; not for programs. */
  note(text: string): void {
    if (this.#json) return
    this.#break()
    this.#write(`${paint('dim', text)}\n`)
  }

  end(): void {
    this.#break()
  }

  #item(item: Item, { summary }: SessionState): void {
    const { text, command, aggregatedOutput, exitCode, content } = item.body
    if ((item.type === 'agentMessage' || item.type === 'plan') && typeof text === 'string') {
      this.#grow(item.id, 'text', text)
      if (item.status !== 'inProgress')
        this.#once(`${item.id} end`, { item }, () => howToDecide(item, this.#sessionId))
      return
    }
    if (item.type === 'userMessage') {
      const parts = Array.isArray(content) ? (content as { type?: string; text?: string }[]) : []
      const said = parts.map((part) => part.text ?? `[${part.type ?? 'attachment'}]`).join(' ')
      this.#once(item.id, { item }, () => paint('cyan', `> ${safe(said)}`))
    } else if (item.type === 'commandExecution') {
      this.#once(item.id, { item }, () => paint('magenta', `$ ${shown(String(command ?? ''))}`))
      if (typeof aggregatedOutput === 'string')
        this.#grow(item.id, 'aggregatedOutput', aggregatedOutput, '  ')
      if (item.status !== 'inProgress') {
        const ending = typeof exitCode === 'number' ? `exit ${exitCode}` : item.status
        this.#once(`${item.id} end`, { item }, () => paint('dim', `  ${safe(String(ending))}`))
      }
    } else if (item.status !== 'inProgress' || item.type === 'contextCompaction') {
      // A compaction takes its time and says nothing meanwhile.
      const key = `${item.id} ${item.status === 'inProgress' ? 'begins' : 'end'}`
      this.#once(key, { item }, () => paint('dim', itemLine(item, summary.cwd)))
    }
  }

  #turn(turn: Turn): void {
    this.#once(`turn ${turn.id}`, { turn }, () => {
      const why = turn.error ? `: ${oneLine(turn.error.message, 500)}` : ''
      if (turn.status === 'completed') return null
      return paint('red', `turn ${turn.status}${why}`)
    })
  }

  #approval(approval: Approval): void {
    const { id, state, choices, outcome } = approval
    if (state === 'pending') {
      this.#once(id, { approval }, () =>
        [choicesText(approval), paint('dim', howToAnswer(approval, this.#sessionId))].join('\n'),
      )
    } else if (this.#seen.has(id)) {
      const label = choices.find((choice) => choice.id === outcome?.choice)?.label ?? outcome?.choice
      const who = outcome?.by ? `${label ?? 'answered'}, by ${outcome.by.name}` : (outcome?.why ?? state)
      this.#once(`${id} ended`, { approval }, () => paint('dim', `  ${shown(who)}`))
    }
  }

  #grow(itemId: string, field: string, text: string, indent = ''): void {
    const key = `${itemId} ${field}`
    const printed = this.#printed.get(key) ?? ''
    if (text === printed) return
    this.#printed.set(key, text)
    // What streamed while the hub was away is missing until the final form comes, which is then told whole.
    const isReplaced = !text.startsWith(printed)
    const fresh = isReplaced ? text : text.slice(printed.length)
    if (this.#json) {
      this.#write(
        `${JSON.stringify({ append: { itemId, field, text: fresh, ...(isReplaced ? { replace: true } : {}) } })}\n`,
      )
      return
    }
    if (isReplaced) this.note('(again, with what was missing:)')
    const clean = safe(fresh)
    if (clean === '') return
    const goesOn = this.#open === key && !this.#endsLine
    if (this.#open !== key) this.#break()
    // Only where a line begins: a piece may go on in the middle of one.
    const indented = indent ? clean.replace(/\n(?=.)/g, `\n${indent}`) : clean
    this.#open = key
    this.#endsLine = clean.endsWith('\n')
    this.#write(goesOn ? indented : indent + indented)
  }

  #once(key: string, value: object, line: () => string | null): void {
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    if (this.#json) {
      this.#write(`${JSON.stringify(value)}\n`)
      return
    }
    const text = line()
    if (text === null) return
    this.#break()
    this.#write(`${text}\n`)
  }

  #break(): void {
    if (this.#open !== null && !this.#endsLine) this.#write('\n')
    this.#open = null
    this.#endsLine = true
  }
}

/** Null for what nobody decides about. */
function howToDecide({ type, body }: Item, sessionId: string): string | null {
  if (type !== 'plan' || body.answered !== undefined) return null
  return paint('dim', `  codex-hub plan ${shortId(sessionId)} --accept, or --refuse "…"`)
}
