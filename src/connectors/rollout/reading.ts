/** One line being read: the parser's state, the hour of the line, and the events it came to. */
import type { Fields } from '../codex/decode.ts'
import type { SessionEvent, SourceItem } from '../event.ts'
import type { RolloutLine } from './line.ts'
import type { ParserState } from './parser-state.ts'

/** What a line of one kind means. */
export type Rule = (reading: Reading, payload: Fields) => void

export class Reading {
  readonly state: ParserState
  readonly at: number | null
  readonly ordinal: number | null
  readonly events: SessionEvent[] = []

  constructor(state: ParserState, line: Pick<RolloutLine, 'at' | 'ordinal'>) {
    this.state = state
    this.at = line.at
    this.ordinal = line.ordinal
  }

  emit(event: SessionEvent): void {
    this.events.push(event)
  }

  item(turnId: string, item: SourceItem): void {
    this.events.push({ type: 'item', turnId, item })
  }

  /**
   * Several releases write a message twice, as an event and as a typed item. @returns true when this is the second
   * telling of the newest one.
   */
  isTwin(type: string, text: string, source: 'event' | 'item'): boolean {
    const { said } = this.state
    const key = `${type}:${text.length}:${text.slice(0, 200)}`
    if (said && said.key === key && said.source !== source) {
      this.state.said = null
      return true
    }
    this.state.said = { key, source }
    return false
  }
}
