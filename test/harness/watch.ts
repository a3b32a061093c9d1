/** Waiting on what a client of the hub sees, never on time. */
import type { Readable } from '../../src/client/observable.ts'
import type { SessionSnapshot } from '../../src/client/session-store.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'

/** Resolves with the first state that fits. Rejects with what was there instead after `limitMs`. */
export function stateWhere(
  session: Readable<SessionSnapshot>,
  fits: (state: SessionState, snapshot: SessionSnapshot) => boolean,
  limitMs = 20_000,
): Promise<SessionState> {
  return new Promise((resolve, reject) => {
    const unsubscribe = session.subscribe(look)
    const timer = setTimeout(() => {
      unsubscribe()
      const { status, state } = session.getSnapshot()
      const { summary, turns, items, approvals } = state ?? {}
      reject(
        new Error(
          `never seen; instead: ${JSON.stringify({ status, summary, turns, items, approvals }, null, 1)}`,
        ),
      )
    }, limitMs)
    function look(): void {
      const snapshot = session.getSnapshot()
      if (!snapshot.state || snapshot.status === 'loading' || !fits(snapshot.state, snapshot)) return
      clearTimeout(timer)
      unsubscribe()
      resolve(snapshot.state)
    }
    look()
  })
}

export const isIdle = ({ summary, turns }: SessionState): boolean =>
  summary.phase === 'idle' && turns.length > 0 && turns.every(({ status }) => status !== 'inProgress')

/** The agent's texts, oldest first. */
export function said({ items }: SessionState): string[] {
  return items.filter(({ type }) => type === 'agentMessage').map(({ body }) => String(body.text))
}

export const text = (prompt: string) => [{ type: 'text' as const, text: prompt }]
