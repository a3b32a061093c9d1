/** The last bytes of a noisy stream, for error texts and logs. What is in it is never parsed. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

export const TAIL_BYTES = 32 * 1024

/** A ring: keeping the chunks themselves would hold on to whole 64 KiB slabs for a few bytes each. */
export class Tail {
  readonly #ring: Buffer
  #written = 0

  constructor(maxBytes = TAIL_BYTES) {
    this.#ring = Buffer.alloc(maxBytes)
  }

  push(chunk: Buffer): void {
    const size = this.#ring.length
    const kept = chunk.length > size ? chunk.subarray(chunk.length - size) : chunk
    const at = (this.#written + chunk.length - kept.length) % size
    const fitting = kept.copy(this.#ring, at)
    if (fitting < kept.length) kept.copy(this.#ring, 0, fitting)
    this.#written += chunk.length
  }

  /** Text without ANSI sequences. */
  read(): string {
    const size = this.#ring.length
    if (this.#written <= size) return clean(this.#ring.subarray(0, this.#written))
    const at = this.#written % size
    return clean(Buffer.concat([this.#ring.subarray(at), this.#ring.subarray(0, at)]))
  }
}

/** The same of a file; empty when it cannot be read. */
export function readFileTail(path: string, maxBytes = TAIL_BYTES): string {
  let fd: number | null = null
  try {
    fd = openSync(path, 'r')
    const { size } = fstatSync(fd)
    const bytes = Buffer.alloc(Math.min(size, maxBytes))
    const read = readSync(fd, bytes, 0, bytes.length, size - bytes.length)
    return clean(bytes.subarray(0, read))
  } catch {
    return ''
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

/** A cut can fall into a UTF-8 sequence: what is left of it at the front goes. */
function clean(bytes: Buffer): string {
  let start = 0
  while (start < 3 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  return stripVTControlCharacters(bytes.toString('utf8', start))
}
