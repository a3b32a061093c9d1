/**
 * Codex's requests to its client: which a person decides, which are answered on the spot, and how. It owns the open
 * requests of one connection. **Invariant:** nothing is answered with a value that nobody gave (L14).
 */
import type { RequestId, RpcRequest } from '../../jsonrpc/message.ts'
import type { ApprovalAnswer } from '../../protocol/approval.ts'
import { ConnectorError } from '../connector.ts'
import type { ApprovalRequest } from '../event.ts'
import { type Offer, type Question, REFUSED, type Response } from './approval-offer.ts'
import {
  type AskContext,
  askCommand,
  askFileChange,
  askLegacyCommand,
  askLegacyPatch,
} from './command-approval.ts'
import { asFields, asNumber, asText, type Fields } from './decode.ts'
import type { CurrentTimeReadResponse } from './generated/protocol.ts'
import { askElicitation, askPermissions, askToolCall, askUnknown, askUserInput } from './other-approvals.ts'
import type { TurnIds } from './turn-ids.ts'

type Ask = (params: Fields, context: AskContext) => Question

/** Requests a person answers, and how each is read. */
export const QUESTIONS: Readonly<Record<string, Ask>> = {
  'item/commandExecution/requestApproval': askCommand,
  'item/fileChange/requestApproval': askFileChange,
  'item/permissions/requestApproval': askPermissions,
  'item/tool/requestUserInput': askUserInput,
  'mcpServer/elicitation/request': askElicitation,
  'item/tool/call': askToolCall,
  execCommandApproval: askLegacyCommand,
  applyPatchApproval: askLegacyPatch,
}

export interface ApprovalContext extends AskContext {
  readonly threadId: string
  readonly instance: string
  readonly turnIds: TurnIds
  now(): number
}

/** What is answered without a person; null for everything else. */
export function answerAtOnce(method: string, now: number): Response | null {
  switch (method) {
    case 'currentTime/read':
      return { result: { currentTimeAt: Math.floor(now / 1000) } satisfies CurrentTimeReadResponse }
    case 'account/chatgptAuthTokens/refresh':
    case 'attestation/generate':
      return { error: { code: REFUSED, message: `This client holds no tokens and cannot answer ${method}.` } }
    default:
      return null
  }
}

/** Read a request. Never throws: one of an unknown shape is asked as it is. */
export function readApproval(
  { id, method, params }: RpcRequest,
  context: ApprovalContext,
): { readonly request: ApprovalRequest; readonly offers: readonly Offer[] } {
  const fields = asFields(params) ?? {}
  const ask = QUESTIONS[method]
  const question = ask ? ask(fields, context) : askUnknown(method, fields)
  const threadId = asText(fields.threadId) ?? asText(fields.conversationId) ?? context.threadId
  // A subagent's turns and items are not in this session, but its question must find an answer here.
  const isOurs = threadId === context.threadId
  const turnId = asText(fields.turnId)
  return {
    offers: question.offers,
    request: {
      key: `${context.instance}:${id}`,
      kind: question.kind,
      method,
      params: fields,
      turnId: isOurs && turnId !== null ? context.turnIds.qualify(turnId) : null,
      itemId: isOurs ? (asText(fields.itemId) ?? asText(fields.callId)) : null,
      title: isOurs ? question.title : `Subagent: ${question.title}`,
      reason: question.reason,
      choices: question.offers.map((entry) => entry.choice),
      requestedAt: asNumber(fields.startedAtMs) ?? context.now(),
    },
  }
}

interface Open {
  readonly id: RequestId
  readonly turnId: string | null
  readonly offers: readonly Offer[]
}

/** Answered here, and Codex has not yet said that the request ended. */
type Answered = Pick<Open, 'turnId'>

/** The requests of one connection that wait for an answer. */
export class OpenApprovals {
  readonly #open = new Map<string, Open>()
  readonly #answered = new Map<string, Answered>()

  add(key: string, open: Open): void {
    this.#open.set(key, open)
  }

  /** Codex said that it ended, whoever ended it. */
  end(key: string): void {
    this.#open.delete(key)
    this.#answered.delete(key)
  }

  /** Keys of a turn whose end was not told yet, answered or not. */
  unendedOfTurn(turnId: string): string[] {
    return [...this.#answered, ...this.#open].flatMap(([key, { turnId: of }]) => (of === turnId ? key : []))
  }

  /**
   * Take the response an answer stands for; after this the request is no longer open.
   * @throws ConnectorError when the key is not open, the choice was not offered, or it lacks what it needs
   */
  take(key: string, answer: ApprovalAnswer): { readonly id: RequestId; readonly response: Response } {
    const open = this.#open.get(key)
    if (!open) throw new ConnectorError('refused', 'Codex no longer waits for this approval.', { key })
    const chosen = open.offers.find((entry) => entry.choice.id === answer.choice)
    if (!chosen) {
      const choices = open.offers.map((entry) => entry.choice.id)
      throw new ConnectorError(
        'refused',
        `${answer.choice} is not a choice of this approval; its choices are ${choices.join(', ')}.`,
        { key, choice: answer.choice, choices },
      )
    }
    const response = chosen.respond(answer)
    this.#open.delete(key)
    this.#answered.set(key, open)
    return { id: open.id, response }
  }
}
