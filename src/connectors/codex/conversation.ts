/**
 * One side of a conversation with an app-server, as whoever follows a thread sees it: a connection of its own, or a lane
 * of one that many threads share.
 */
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { RequestId, RpcRequest } from '../../jsonrpc/message.ts'
import type { Response } from './approval-offer.ts'
import type { Requests } from './requests.ts'

/** What the conversation brings, in the order in which Codex sent it. */
export interface ConversationListener {
  notification(method: string, params: unknown): void
  request(request: RpcRequest): void
  /** Told once, with the first cause, and last. */
  closed(cause: CloseCause): void
}

export interface Conversation {
  /** As Codex itself says it; null where it did not. */
  readonly version: string | null
  readonly isClosed: boolean
  /** @throws ConnectorError */
  request<M extends keyof Requests>(method: M, params: Requests[M], timeoutMs?: number): Promise<unknown>
  respond(id: RequestId, response: Response): void
  /** Listen from here on; what was held back is told first, before this returns. */
  listen(listener: ConversationListener): void
  /** End this side; the listener is not told of it. */
  close(): void
}
