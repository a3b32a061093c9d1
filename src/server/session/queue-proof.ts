/** Whether a prompt arrived at Codex: releases since 0.142 keep with a message the id it was sent with. */
import type { Driver } from '../../connectors/driver.ts'
import type { Session } from './session.ts'

/** A message that was being sent is in the newest turns, or nowhere. */
const TURNS = 5

/** @returns the turn the message is in; null where it is not found, which proves nothing */
export async function turnOfMessage(
  session: Session,
  driver: Driver,
  clientId: string,
): Promise<string | null> {
  await session.record.hydrate()
  const known = session.record.state.items.find((item) => isMessage(item, clientId))
  if (known) return known.turnId
  const { threadId } = session.summary
  if (threadId === null) return null
  const { connector } = session
  const history = connector?.operations.has('history')
    ? await connector.readHistory({ maxTurns: TURNS })
    : await driver.readHistory(threadId, { maxTurns: TURNS, codexHome: session.record.stored.codexHome })
  return history.find(({ items }) => items.some((item) => isMessage(item, clientId)))?.turn.id ?? null
}

function isMessage(
  item: { readonly type: string; readonly body: Record<string, unknown> },
  clientId: string,
): boolean {
  return item.type === 'userMessage' && item.body.clientId === clientId
}
