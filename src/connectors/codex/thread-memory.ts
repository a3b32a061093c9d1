/**
 * What a connector must remember of its thread to talk to Codex: the newest status, the running turn, the files of
 * changes under way and the requests that wait. Fed by the events that pass; it never makes up any of it.
 */

import type { Settings } from '../../protocol/settings.ts'
import type { SessionEvent } from '../event.ts'
import { OpenApprovals } from './approvals.ts'
import { asFields, asList, asText } from './decode.ts'
import type { ThreadStatus } from './thread-facts.ts'

export class ThreadMemory {
  readonly approvals = new OpenApprovals()
  /** Approvals of file changes do not name the files. */
  readonly #paths = new Map<string, readonly string[]>()
  #status: ThreadStatus
  #runningTurnId: string | null
  #settings: Partial<Settings>
  readonly #onTurnEnd: (() => void)[] = []

  constructor(status: ThreadStatus, runningTurnId: string | null, settings: Partial<Settings> = {}) {
    this.#settings = settings
    this.#status = status
    this.#runningTurnId = runningTurnId
  }

  get status(): ThreadStatus {
    return this.#status
  }

  /** As Codex last told them. */
  get settings(): Partial<Settings> {
    return this.#settings
  }

  get runningTurnId(): string | null {
    return this.#runningTurnId
  }

  pathsOf(itemId: string): readonly string[] {
    return this.#paths.get(itemId) ?? []
  }

  /** Resolves at the next end of a turn. */
  turnEnd(): Promise<void> {
    return new Promise((resolve) => this.#onTurnEnd.push(resolve))
  }

  /** @returns keys of requests that ended with this event and of which nobody will say so */
  note(event: SessionEvent): readonly string[] {
    switch (event.type) {
      case 'status':
        this.#status = { status: event.status, flags: event.flags }
        return []
      case 'thread':
        this.#settings = { ...this.#settings, ...event.facts.settings }
        return []
      case 'turnStarted':
        this.#runningTurnId = event.turn.id
        return []
      case 'turnCompleted':
        return this.#turnEnded(event.turn.id)
      case 'approvalResolved':
        this.approvals.end(event.key)
        return []
      case 'item':
        if (event.item.type === 'fileChange') this.#noteFiles(event.item)
        return []
      default:
        return []
    }
  }

  #noteFiles({ id, completedAt, body }: Extract<SessionEvent, { type: 'item' }>['item']): void {
    if (completedAt !== null) this.#paths.delete(id)
    else
      this.#paths.set(
        id,
        asList(body.changes).flatMap((change) => asText(asFields(change)?.path) ?? []),
      )
  }

  #turnEnded(turnId: string): readonly string[] {
    if (this.#runningTurnId === turnId) this.#runningTurnId = null
    this.#paths.clear()
    for (const resolve of this.#onTurnEnd.splice(0)) resolve()
    // Up to 0.98 nobody says that a request ended, with its answer or with its turn.
    return this.approvals.unendedOfTurn(turnId)
  }
}
