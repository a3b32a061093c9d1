/** Folds the events of a rollout into its newest turns, for sessions whose past is known from a better source. */
import type { HistoryTurn, SessionEvent, SourceItem, SourceTurn } from '../event.ts'

interface FoldedTurn {
  turn: SourceTurn
  readonly items: Map<string, SourceItem>
}

export class HistoryFold {
  readonly #maxTurns: number
  readonly #turns = new Map<string, FoldedTurn>()
  /** The newest of each kind that is no part of a turn. */
  readonly #facts = new Map<string, SessionEvent>()

  constructor(maxTurns: number) {
    this.#maxTurns = maxTurns
  }

  add(events: readonly SessionEvent[]): void {
    for (const event of events) this.#add(event)
  }

  /** The newest turns, oldest first. */
  get turns(): readonly HistoryTurn[] {
    return [...this.#turns.values()].map(({ turn, items }) => ({
      turn,
      items: [...items.values()],
      hasStableIds: true,
      mayDiffer: true,
    }))
  }

  /** What the rollout says of the thread beside its turns. */
  get facts(): readonly SessionEvent[] {
    return [...this.#facts.values()]
  }

  clear(): void {
    this.#turns.clear()
  }

  #add(event: SessionEvent): void {
    switch (event.type) {
      case 'turnStarted':
      case 'turnCompleted':
        this.#turnOf(event.turn.id).turn = event.turn
        break
      case 'item':
        this.#turnOf(event.turnId).items.set(event.item.id, event.item)
        break
      case 'removed':
        for (const turnId of event.turnIds) this.#turns.delete(turnId)
        break
      case 'thread': {
        const known = this.#facts.get('thread')
        const facts = known?.type === 'thread' ? { ...known.facts, ...event.facts } : event.facts
        this.#facts.set('thread', { type: 'thread', facts })
        break
      }
      case 'tokens':
      case 'plan':
        this.#facts.set(event.type, event)
        break
    }
  }

  #turnOf(id: string): FoldedTurn {
    const known = this.#turns.get(id)
    if (known) return known
    const turn: SourceTurn = { id, status: 'inProgress', error: null, startedAt: null, completedAt: null }
    const folded = { turn, items: new Map() }
    this.#turns.set(id, folded)
    const oldest = this.#turns.keys().next().value
    if (this.#turns.size > this.#maxTurns && oldest !== undefined) this.#turns.delete(oldest)
    return folded
  }
}
