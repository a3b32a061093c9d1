/** What a `MemoryStore` has committed, and how a change alters it. */
import type {
  Change,
  Receipt,
  StoredDetails,
  StoredProcess,
  StoredSession,
} from '../../src/persistence/store.ts'
import type { Approval } from '../../src/protocol/approval.ts'
import type { Item } from '../../src/protocol/item.ts'
import type { Turn } from '../../src/protocol/turn.ts'

export interface Contents {
  details: StoredDetails | null
  readonly turns: Map<string, Turn>
  readonly items: Map<string, Item>
  /** In the order in which they were first written. */
  readonly approvals: Map<string, { readonly position: number; readonly approval: Approval }>
}

export class MemoryTables {
  readonly sessions = new Map<string, StoredSession>()
  readonly receipts = new Map<string, Receipt>()
  readonly processes = new Map<string, StoredProcess>()
  readonly #contents = new Map<string, Contents>()
  #positions = 0

  of(sessionId: string): Contents {
    let contents = this.#contents.get(sessionId)
    if (!contents) {
      contents = { details: null, turns: new Map(), items: new Map(), approvals: new Map() }
      this.#contents.set(sessionId, contents)
    }
    return contents
  }

  apply(change: Change): void {
    switch (change.kind) {
      case 'session':
        this.sessions.set(change.session.summary.id, change.session)
        break
      case 'sessionRemoved':
        this.sessions.delete(change.sessionId)
        this.#contents.delete(change.sessionId)
        break
      case 'details':
        this.of(change.sessionId).details = change.details
        break
      case 'turn':
        this.of(change.sessionId).turns.set(change.turn.id, change.turn)
        break
      case 'item':
        this.of(change.sessionId).items.set(change.item.id, change.item)
        break
      case 'removed':
        for (const id of change.turnIds) this.of(change.sessionId).turns.delete(id)
        for (const id of change.itemIds) this.of(change.sessionId).items.delete(id)
        break
      case 'approval': {
        const { approvals } = this.of(change.sessionId)
        const position = approvals.get(change.approval.id)?.position ?? ++this.#positions
        approvals.set(change.approval.id, { position, approval: change.approval })
        break
      }
      case 'receipt':
        this.receipts.set(change.receipt.commandId, change.receipt)
        break
      case 'process':
        this.processes.set(change.process.id, change.process)
        break
      case 'processGone':
        this.processes.delete(change.id)
        break
    }
  }
}
