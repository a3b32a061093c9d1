/**
 * The bytes of one rollout file from an offset on, whether it is plain or compressed. Opens for reading only, and tells
 * by which file it is reading: a device and an inode, and the bytes just before the offset.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type Duplex, pipeline } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'

export interface ByteSource {
  /** `<device>:<inode>` */
  readonly file: string
  /** Its size now; null where only reading tells (compressed). */
  readonly size: number | null
  /** On disk, compressed or not. */
  readonly fileBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** Hash of the `length` bytes before `end`; null when there are not that many. Call it before the first `read`. */
  hashBefore(end: number, length: number): Promise<string | null>
  /**
   * The next bytes from `offset` on, at most `maxBytes`; an empty buffer at the end. They are valid until the next call.
   * A compressed file cannot be read backwards.
   */
  read(offset: number, maxBytes: number): Promise<Buffer>
  close(): Promise<void>
}

export async function openSource(path: string): Promise<ByteSource> {
  const handle = await open(path, 'r')
  try {
    const stat = await handle.stat()
    const facts = { file: `${stat.dev}:${stat.ino}`, fileBytes: stat.size, modifiedAt: stat.mtimeMs }
    return path.endsWith('.zst') ? new CompressedSource(path, facts, handle) : new PlainSource(facts, handle)
  } catch (error) {
    await handle.close()
    throw error
  }
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
}

type FileFacts = Pick<ByteSource, 'file' | 'fileBytes' | 'modifiedAt'>

class PlainSource implements ByteSource {
  readonly file: string
  readonly size: number
  readonly fileBytes: number
  readonly modifiedAt: number
  readonly #handle: FileHandle
  #buffers: readonly [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)]
  #ahead: { readonly offset: number; readonly maxBytes: number; readonly bytes: Promise<Buffer> } | null =
    null
  /** Where a reader that goes on would read next. */
  #next = -1

  constructor(facts: FileFacts, handle: FileHandle) {
    this.file = facts.file
    this.size = facts.fileBytes
    this.fileBytes = facts.fileBytes
    this.modifiedAt = facts.modifiedAt
    this.#handle = handle
  }

  async hashBefore(end: number, length: number): Promise<string | null> {
    const bytes = Buffer.alloc(length)
    const { bytesRead } = await this.#handle.read(bytes, 0, length, end - length)
    return bytesRead < length ? null : hashOf(bytes)
  }

  async read(offset: number, maxBytes: number): Promise<Buffer> {
    const ahead = this.#ahead
    this.#ahead = null
    const bytes = await (ahead?.offset === offset && ahead.maxBytes === maxBytes
      ? ahead.bytes
      : this.#fill(offset, maxBytes))
    const next = offset + bytes.length
    // Whoever reads on gets the next piece while the last one is being parsed.
    if (offset === this.#next && bytes.length > 0 && next < this.size) {
      const fill = this.#fill(next, maxBytes)
      fill.catch(() => {})
      this.#ahead = { offset: next, maxBytes, bytes: fill }
    }
    this.#next = next
    return bytes
  }

  async #fill(offset: number, maxBytes: number): Promise<Buffer> {
    const wanted = Math.min(maxBytes, Math.max(0, this.size - offset))
    // Two buffers by turns: one is being read by the caller while the other is filled.
    const [older, newer] = this.#buffers
    const buffer = older.length >= wanted ? older : Buffer.allocUnsafeSlow(wanted)
    this.#buffers = [newer, buffer]
    const { bytesRead } = await this.#handle.read(buffer, 0, wanted, offset)
    return buffer.subarray(0, bytesRead)
  }

  async close(): Promise<void> {
    await this.#ahead?.bytes.catch(() => {})
    await this.#handle.close()
  }
}

class CompressedSource implements ByteSource {
  readonly file: string
  readonly size = null
  readonly fileBytes: number
  readonly modifiedAt: number
  readonly #handle: FileHandle
  readonly #chunks: AsyncIterator<Buffer>
  readonly #stream: Duplex
  #pending: Buffer = Buffer.alloc(0)
  #position = 0

  constructor(path: string, facts: FileFacts, handle: FileHandle) {
    this.file = facts.file
    this.fileBytes = facts.fileBytes
    this.modifiedAt = facts.modifiedAt
    this.#handle = handle
    const compressed = createReadStream(path, { fd: handle.fd, autoClose: false })
    this.#stream = createZstdDecompress()
    // An error reaches whoever reads the chunks; without a reader it must not end the process.
    this.#stream.on('error', () => {})
    pipeline(compressed, this.#stream, () => {})
    this.#chunks = this.#stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  async hashBefore(end: number, length: number): Promise<string | null> {
    const parts: Buffer[] = []
    let missing = length
    while (missing > 0) {
      const bytes = await this.read(end - missing, missing)
      if (bytes.length === 0) return null
      parts.push(Buffer.from(bytes))
      missing -= bytes.length
    }
    return hashOf(Buffer.concat(parts))
  }

  async read(offset: number, maxBytes: number): Promise<Buffer> {
    await this.#skipTo(offset)
    if (this.#pending.length === 0) await this.#next()
    return this.#take(maxBytes)
  }

  async #skipTo(offset: number): Promise<void> {
    while (this.#position < offset) {
      if (this.#pending.length === 0 && !(await this.#next())) return
      this.#take(offset - this.#position)
    }
  }

  async #next(): Promise<boolean> {
    const { value, done } = await this.#chunks.next()
    this.#pending = done ? Buffer.alloc(0) : value
    return !done
  }

  #take(maxBytes: number): Buffer {
    const bytes = this.#pending.subarray(0, maxBytes)
    this.#pending = this.#pending.subarray(bytes.length)
    this.#position += bytes.length
    return bytes
  }

  async close(): Promise<void> {
    this.#stream.destroy()
    await this.#handle.close()
  }
}
