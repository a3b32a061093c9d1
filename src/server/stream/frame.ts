/** One frame of a stream: a notification that is encoded once per encoding in use and sent to everybody as it is. */
import type { Codec } from '../../protocol/codec.ts'
import type { Cursor } from '../../protocol/cursor.ts'

export interface Notification {
  readonly method: string
  readonly params: unknown
}

export class Frame {
  readonly cursor: Cursor
  readonly #notification: Notification
  /** Most frames are never sent: nobody follows. */
  #encoded: Map<string, Buffer> | null = null

  constructor(cursor: Cursor, notification: Notification) {
    this.cursor = cursor
    this.#notification = notification
  }

  /** The encoded message. The same buffer for every caller with this codec. */
  encoded(codec: Codec): Buffer {
    this.#encoded ??= new Map()
    let buffer = this.#encoded.get(codec.name)
    if (!buffer) {
      buffer = Buffer.from(codec.encode({ jsonrpc: '2.0', ...this.#notification }), 'utf8')
      this.#encoded.set(codec.name, buffer)
    }
    return buffer
  }
}
