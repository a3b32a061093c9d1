/** JSON-RPC 2.0 messages and the guards that tell them apart. Codex omits the `jsonrpc` member; both are read. */

export type RequestId = string | number

export interface RpcRequest {
  readonly id: RequestId
  readonly method: string
  readonly params?: unknown
}

export interface RpcNotification {
  readonly method: string
  readonly params?: unknown
}

export interface RpcErrorObject {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

export type RpcMessage =
  | { readonly kind: 'request'; readonly request: RpcRequest }
  | { readonly kind: 'notification'; readonly notification: RpcNotification }
  | { readonly kind: 'result'; readonly id: RequestId; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: RequestId | null; readonly error: RpcErrorObject }
  | { readonly kind: 'invalid'; readonly id: RequestId | null; readonly why: string }

/** Tell what a decoded value is. Never throws. */
export function classify(value: unknown): RpcMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'invalid', id: null, why: 'a message is a JSON object; batches are not taken' }
  }
  const message = value as Record<string, unknown>
  const id = isRequestId(message.id) ? message.id : null
  if (typeof message.method === 'string') {
    if (id !== null)
      return { kind: 'request', request: { id, method: message.method, params: message.params } }
    if (message.id === undefined) {
      return { kind: 'notification', notification: { method: message.method, params: message.params } }
    }
    return { kind: 'invalid', id: null, why: 'an id is a string or a number' }
  }
  if ('method' in message) return { kind: 'invalid', id, why: 'a method is a string' }
  if (isErrorObject(message.error)) return { kind: 'error', id, error: message.error }
  if (id !== null && 'result' in message) return { kind: 'result', id, result: message.result }
  return { kind: 'invalid', id, why: 'neither a method nor a result nor an error' }
}

/** 0 and the empty string are legal ids: Codex starts at 0. */
function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
}

function isErrorObject(value: unknown): value is RpcErrorObject {
  if (typeof value !== 'object' || value === null) return false
  const error = value as Record<string, unknown>
  return typeof error.code === 'number' && typeof error.message === 'string'
}
