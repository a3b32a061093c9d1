/** The protocol's version and the names under which its encodings are negotiated. */

/** Raised by one for every change of a schema; changes are additive only. Guarded by a hash test. */
export const PROTOCOL_VERSION = 1

/** WebSocket subprotocols, in the hub's order of preference. */
export const SUBPROTOCOL_JSON = 'codex-hub.json'
export const SUBPROTOCOL_SUPERJSON = 'codex-hub.superjson'

/** A token may ride as one more subprotocol, `codex-hub.bearer.<token>`: browsers cannot set headers on a socket. */
export const SUBPROTOCOL_BEARER_PREFIX = 'codex-hub.bearer.'

/** Frames are kept under this where their content can be split. Bytes. */
export const FRAME_TARGET_BYTES = 64 * 1024

/** The hub closes a socket whose inbound message is larger (close code 1009). Bytes. */
export const MAX_INBOUND_BYTES = 8 * 1024 * 1024
