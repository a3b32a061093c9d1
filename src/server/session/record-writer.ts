/**
 * Keeps the store in step with one session's record: what each delta changes, texts that still grow at intervals, and
 * changes that must be committed as one. It reads nothing and decides nothing.
 */
import type { Timer } from '../../base/clock.ts'
import type { SessionEvent } from '../../connectors/event.ts'
import type { Change } from '../../persistence/change.ts'
import type { Store } from '../../persistence/store.ts'
import type { StoredSession } from '../../persistence/stored.ts'
import type { Delta } from '../../protocol/delta.ts'
import type { Item } from '../../protocol/item.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { PartialWrites } from './partial-writes.ts'

/** What an event knows beyond its deltas, for the store. */
export interface Whole {
  /** Uncut bodies by item id. */
  readonly bodies?: ReadonlyMap<string, Record<string, unknown>>
  readonly unifiedDiff?: string
}

export function wholeOf(event: SessionEvent): Whole {
  if (event.type === 'item') return { bodies: new Map([[event.item.id, event.item.body]]) }
  return event.type === 'diff' ? { unifiedDiff: event.unified } : {}
}

export interface WriterPorts {
  readonly store: Store
  readonly partialWrites: PartialWrites
}

/** What is written of, as it is at the time. */
export interface Written {
  readonly stored: StoredSession
  /** Null while it is not hydrated. Texts that are still being gathered count. */
  settled(): SessionState | null
}

export class RecordWriter {
  readonly #ports: WriterPorts
  readonly #written: Written
  readonly #growing = new Set<string>()
  /** The last of them: most texts come word by word. */
  #grown = ''
  /** The whole of the diff that is shown, whose end the state may not hold. */
  unifiedDiff: string | null = null
  #areDetailsDirty = false
  #timer: Timer | null = null
  /** Changes gathered by `together`; null outside of it. */
  #held: Change[] | null = null
  #isSessionDirty = false
  #isRetired = false

  constructor(written: Written, ports: WriterPorts) {
    this.#written = written
    this.#ports = ports
  }

  get isRetired(): boolean {
    return this.#isRetired
  }

  /** The session is no more, or the hub: nothing of it is written from here on. */
  retire(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#isRetired = true
  }

  /** Run, and commit all that it changes, and `more`, in one transaction. */
  together(run: () => void, more: () => readonly Change[]): void {
    this.#held = []
    try {
      run()
      this.growing()
    } finally {
      const changes = [...this.#held, ...more()]
      if (this.#isSessionDirty) changes.push({ kind: 'session', session: this.#written.stored })
      this.#isSessionDirty = false
      this.#held = null
      if (!this.#isRetired) this.#ports.store.write(...changes)
    }
  }

  /** The session's own row changed. */
  session(): void {
    if (this.#isRetired) return
    if (this.#held) this.#isSessionDirty = true
    else this.#ports.store.write({ kind: 'session', session: this.#written.stored })
  }

  /** A delta was folded into `state`. The summary's are written by `session`. */
  delta(delta: Delta, state: SessionState, whole: Whole): void {
    const sessionId = this.#written.stored.summary.id
    switch (delta.op) {
      case 'append':
        this.grows(delta.itemId)
        break
      case 'reset':
        this.#growing.clear()
        this.#grown = ''
        this.#put({ kind: 'historyRemoved', sessionId })
        this.#touchDetails()
        break
      case 'item':
      case 'itemPatch': {
        const itemId = delta.op === 'item' ? delta.item.id : delta.itemId
        const item = state.items.findLast((entry) => entry.id === itemId)
        if (!item) return
        this.#growing.delete(itemId)
        this.#grown = ''
        this.#put({ kind: 'item', sessionId, item: uncut(item, whole) })
        break
      }
      case 'turn':
        this.#put({ kind: 'turn', sessionId, turn: delta.turn })
        break
      case 'remove':
        this.#put({ kind: 'removed', sessionId, turnIds: delta.turnIds, itemIds: delta.itemIds })
        break
      case 'approval':
        this.#put({ kind: 'approval', sessionId, approval: delta.approval })
        break
      case 'diff':
        this.unifiedDiff = delta.diff === null ? null : (whole.unifiedDiff ?? delta.diff.unified)
        this.#touchDetails()
        break
      case 'plan':
      case 'warning':
        this.#touchDetails()
        break
    }
  }

  /** A text of the item goes on. */
  grows(itemId: string): void {
    if (itemId === this.#grown) return
    this.#grown = itemId
    this.#growing.add(itemId)
    this.#armTimer()
  }

  /** Write the texts that still grow and the diff now. */
  growing(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#grown = ''
    const state = this.#written.settled()
    if (!state) return
    const sessionId = state.summary.id
    for (const item of state.items) {
      if (this.#growing.has(item.id)) this.#put({ kind: 'item', sessionId, item })
    }
    this.#growing.clear()
    if (!this.#areDetailsDirty) return
    this.#areDetailsDirty = false
    const { plan, diff, warnings } = state
    const details = { plan, diff, unifiedDiff: this.unifiedDiff, warnings }
    this.#put({ kind: 'details', sessionId, details })
  }

  #put(change: Change): void {
    if (this.#isRetired) return
    if (this.#held) this.#held.push(change)
    else this.#ports.store.write(change)
  }

  #touchDetails(): void {
    this.#areDetailsDirty = true
    this.#armTimer()
  }

  #armTimer(): void {
    if (this.#isRetired) return
    this.#timer ??= this.#ports.partialWrites.after(() => this.growing())
  }
}

function uncut(item: Item, whole: Whole): Item {
  const body = whole.bodies?.get(item.id)
  if (!body) return item
  const { cut: _cut, ...rest } = item
  return { ...rest, body }
}
