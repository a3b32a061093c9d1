/** When an event happened, by its own words. Null where it does not say. */
import type { SessionEvent } from '../../connectors/event.ts'

export function timeOf(event: SessionEvent): number | null {
  switch (event.type) {
    case 'item':
      return event.item.completedAt ?? event.item.startedAt
    case 'turnStarted':
    case 'turnCompleted':
      return event.turn.completedAt ?? event.turn.startedAt
    default:
      return null
  }
}
