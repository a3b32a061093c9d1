/** An offer: one way to answer a request of Codex, together with the response it stands for. */
import type { ApprovalAnswer, ApprovalKind, Choice } from '../../protocol/approval.ts'
import { ConnectorError } from '../connector.ts'

export type Response =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } }

export interface Offer {
  readonly choice: Choice
  /** @throws ConnectorError `refused` when the answer lacks what the choice needs */
  respond(answer: ApprovalAnswer): Response
}

/** JSON-RPC leaves -32000 to -32099 to applications. */
export const REFUSED = -32_000

/** What a request asks, read from its parameters. */
export interface Question {
  readonly kind: ApprovalKind
  readonly title: string
  readonly reason: string | null
  readonly offers: readonly Offer[]
}

interface ChoiceShape {
  readonly id: string
  readonly label: string
  readonly effect: Choice['effect']
  readonly scope?: Choice['scope']
  readonly needs?: Choice['needs']
}

function offer(shape: ChoiceShape, respond: Offer['respond']): Offer {
  return { choice: { scope: 'once', needs: null, ...shape }, respond }
}

/** An offer whose result is made of what comes with the answer. */
export function made<Result>(shape: ChoiceShape, resultOf: (answer: ApprovalAnswer) => Result): Offer {
  return offer(shape, (answer) => ({ result: resultOf(answer) }))
}

/** An offer to answer with a JSON-RPC error. */
export function refusal(shape: ChoiceShape, message: string): Offer {
  return offer(shape, () => ({ error: { code: REFUSED, message } }))
}

/** An offer whose response needs nothing but the choice. */
export function fixed<Result>(shape: ChoiceShape, result: Result): Offer {
  return offer(shape, () => ({ result }))
}

/** The content of an answer. @throws ConnectorError when there is none */
export function contentOf(answer: ApprovalAnswer): unknown {
  if (answer.content === undefined) {
    throw new ConnectorError('refused', `The choice ${answer.choice} needs content with it.`, {
      choice: answer.choice,
    })
  }
  return answer.content
}

const TITLE_UNITS = 300

/** One line, not too long: the whole is in the request's parameters. */
export function titleOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= TITLE_UNITS ? line : `${line.slice(0, TITLE_UNITS - 1)}…`
}
