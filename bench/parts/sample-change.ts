/** An item as most are: small, of one of eight sessions. */
import type { Change } from '../../src/persistence/change.ts'

export function sampleChange(seq: number): Change {
  const body = { text: `The answer is ${seq}. `.repeat(15), phase: 'final', memoryCitation: null }
  const item = { id: `item-${seq}`, turnId: `turn-${seq >> 5}`, seq, type: 'agentMessage', body } as const
  return {
    kind: 'item',
    sessionId: `ses_${String(seq % 8).padStart(28, '0')}`,
    item: { ...item, status: 'completed', startedAt: 1, completedAt: 2 },
  }
}
