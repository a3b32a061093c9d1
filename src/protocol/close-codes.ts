/** WebSocket close codes of the hub. `comeBack` tells a client whether to connect again by itself. */
export const CLOSE_CODES = {
  /** The hub stops or restarts. */
  goingAway: { code: 1001, comeBack: true },
  /** A message was larger than the hub takes. The cursor is still good. */
  messageTooBig: { code: 1009, comeBack: true },
  /** A browser (it sends `Origin` or a bearer subprotocol) came without a usable token. Others are answered HTTP 401 instead. */
  unauthorized: { code: 4401, comeBack: false },
  /** The agent this client speaks for was locked out. */
  revoked: { code: 4403, comeBack: false },
  /** No `hub/hello` within ten seconds. */
  helloTimeout: { code: 4408, comeBack: true },
  /** The protocol version is not spoken here; update the client. */
  unsupportedVersion: { code: 4426, comeBack: false },
  /** The client read too slowly and its queue passed the hard limit. Come back with the cursor. */
  tooSlow: { code: 4429, comeBack: true },
  /** No pong within two heartbeats. */
  unresponsive: { code: 4410, comeBack: true },
  /** Too many undecodable messages. */
  protocolError: { code: 4400, comeBack: false },
} as const

export type CloseName = keyof typeof CLOSE_CODES

/** Whether a client should connect again after this close code. Unknown codes: yes. */
export function shouldComeBack(code: number): boolean {
  for (const close of Object.values(CLOSE_CODES)) if (close.code === code) return close.comeBack
  return true
}
