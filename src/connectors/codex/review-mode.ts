/**
 * Makes one turn of a review. Codex runs it as a turn of its own inside another one that it never says the beginning of
 * (0.142 and later), begins a message that it never ends (the reviewer's raw answer), and up to 0.142 gives several items
 * the same id. It changes nothing outside of a review.
 */
import { asFields, asText, type Fields } from './decode.ts'

export interface Notification {
  readonly method: string
  readonly params: unknown
}

/** Of every review the same, up to 0.142. */
const SHARED_ID = 'review_rollout_assistant'

export class ReviewMode {
  readonly #threadId: string
  /** The turn that was asked for, while it runs. */
  #turnId: string | null = null
  /** The reviewer's own turn in it. */
  #innerTurnId: string | null = null
  #startedTurnId: string | null = null
  /** Messages of the reviewer that have begun: one that never ends is nobody's to read. */
  readonly #held = new Map<string, Notification[]>()

  constructor(threadId: string) {
    this.#threadId = threadId
  }

  /** The turn that Codex takes for the running one when the review's is meant. */
  activeTurnId(turnId: string): string {
    return turnId === this.#turnId ? (this.#innerTurnId ?? turnId) : turnId
  }

  /** What is to be taken in instead of a notification; null for itself. */
  replace(method: string, params: unknown): readonly Notification[] | null {
    const isBeginning = method === 'item/started' || method === 'turn/started'
    if (this.#turnId === null && !isBeginning) return null
    const fields = asFields(params)
    if (fields?.threadId !== this.#threadId) return null
    if (method === 'turn/started' || method === 'turn/completed') return this.#turn(method, fields)
    const item = asFields(fields.item)
    if (item?.type === 'enteredReviewMode' && method === 'item/started') return this.#entered(fields)
    if (fields.turnId !== this.#turnId) return null
    if (item?.type === 'exitedReviewMode') return this.#exited(method, fields, item)
    return this.#message(method, fields, item)
  }

  #turn(method: string, fields: Fields): readonly Notification[] | null {
    const id = asText(asFields(fields.turn)?.id)
    if (method === 'turn/completed') {
      if (id === this.#turnId) this.#turnId = null
      this.#innerTurnId = null
      this.#held.clear()
      return null
    }
    if (this.#turnId !== null && id !== this.#turnId) {
      this.#innerTurnId = id
      return []
    }
    this.#startedTurnId = id
    return null
  }

  #entered(fields: Fields): readonly Notification[] | null {
    const turnId = asText(fields.turnId)
    if (turnId === null) return null
    this.#turnId = turnId
    if (this.#startedTurnId === turnId) return null
    const started = { threadId: this.#threadId, turn: { id: turnId, status: 'inProgress' } }
    return [
      { method: 'turn/started', params: started },
      { method: 'item/started', params: fields },
    ]
  }

  #exited(method: string, fields: Fields, item: Fields): readonly Notification[] | null {
    this.#held.clear()
    if (item.id !== this.#turnId) return null
    return [{ method, params: { ...fields, item: { ...item, id: `${this.#turnId}:exited` } } }]
  }

  #message(method: string, fields: Fields, item: Fields | null): readonly Notification[] | null {
    if (item?.id === SHARED_ID) {
      return [{ method, params: { ...fields, item: { ...item, id: `${this.#turnId}:review` } } }]
    }
    const id = asText(item?.id) ?? asText(fields.itemId)
    if (id === null) return null
    if (method === 'item/started' && item?.type === 'agentMessage' && item.text === '') {
      this.#held.set(id, [{ method, params: fields }])
      return []
    }
    const held = this.#held.get(id)
    if (!held) return null
    held.push({ method, params: fields })
    if (method !== 'item/completed') return []
    this.#held.delete(id)
    return held
  }
}
