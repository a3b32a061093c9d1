/** Ids of commands: made by the client, unique, the same in every retry of one command (L12). */

/** A random UUID (version 4). */
export function newCommandId(): string {
  const { crypto } = globalThis
  // Absent on pages served without TLS from other than localhost, where `getRandomValues` is still there.
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
