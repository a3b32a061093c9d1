/** Following streams. The answer, what was missed and what is live leave in one synchronous step (L5). */
import type { Cursor } from '../../protocol/cursor.ts'
import type { ATTENTION_METHODS } from '../../protocol/methods/attention.ts'
import { type Client, ReplyThen } from '../client/client.ts'
import { type Followed, Subscription } from '../client/subscription.ts'
import type { Notification } from '../stream/frame.ts'
import type { Handlers } from './dispatch.ts'

const LIST_KEY = 'sessions'
const ATTENTION_KEY = 'attention'

type Names =
  | keyof typeof ATTENTION_METHODS
  | 'session/subscribe'
  | 'session/unsubscribe'
  | 'sessions/subscribe'
  | 'sessions/unsubscribe'

export const subscriptionHandlers: Pick<Handlers, Names> = {
  async 'session/subscribe'(rooms, { sessionId, cursor }, client) {
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    await rooms.adoption.readUp(session)
    void session.reconcileDormant()
    return () =>
      follow(client, sessionId, session.record.stream, cursor, (at) => ({
        method: 'session/synchronized',
        params: { sessionId, cursor: at },
      }))
  },
  async 'session/unsubscribe'(_rooms, { sessionId }, client) {
    client.unfollow(sessionId)
    return {}
  },
  async 'sessions/subscribe'(rooms, { cursor }, client) {
    return () =>
      follow(client, LIST_KEY, rooms.registry.list, cursor, (at) => ({
        method: 'sessions/synchronized',
        params: { cursor: at },
      }))
  },
  async 'attention/subscribe'(rooms, { cursor }, client) {
    return () =>
      follow(client, ATTENTION_KEY, rooms.attention.stream, cursor, (at) => ({
        method: 'attention/synchronized',
        params: { cursor: at },
      }))
  },
  async 'attention/unsubscribe'(_rooms, _params, client) {
    client.unfollow(ATTENTION_KEY)
    return {}
  },
  async 'sessions/unsubscribe'(_rooms, _params, client) {
    client.unfollow(LIST_KEY)
    return {}
  },
}

/** Join a stream: the answer, what the client lacks, and everything live, in this order. */
export function follow(
  client: Client,
  key: string,
  stream: Followed,
  cursor: Cursor | undefined,
  synchronized: (cursor: Cursor) => Notification,
): ReplyThen {
  const subscription = new Subscription(stream, client.outbox, synchronized)
  client.follow(key, subscription)
  const { answer, cursor: at, first } = subscription.begin(cursor)
  return new ReplyThen({ mode: answer.mode, cursor: at, reason: answer.reason }, first)
}
