/**
 * Splits a byte stream into lines on LF bytes and on nothing else: U+2028 and U+2029 are legal inside JSON strings,
 * and `readline` breaks frames on them. It owns the unfinished line. A line over the limit is dropped whole, and the
 * stream goes on with the next one.
 */

const LF = 0x0a
const CR = 0x0d
const HEAD_BYTES = 256
const FIRST_CAPACITY = 4096
/** A buffer that grew past this for one line is let go after it. */
const KEPT_CAPACITY = 1024 * 1024
/** Below this a byte loop beats the calls into native code. */
const SMALL_CHUNK = 16

export const DEFAULT_MAX_LINE_BYTES = 64 * 1024 * 1024

export interface DroppedLine {
  /** `tooLong`: over the limit. `unfinished`: the stream ended before its LF. */
  readonly why: 'tooLong' | 'unfinished'
  readonly bytes: number
  /** Its first bytes as text, for a log. */
  readonly head: string
}

export interface LineFramerOptions {
  onLine(line: string): void
  onDropped?(dropped: DroppedLine): void
  readonly maxLineBytes?: number
}

export class LineFramer {
  readonly #options: LineFramerOptions
  readonly #maxLineBytes: number
  /** **Invariant:** holds the first `#length` bytes of the unfinished line, only its head once it is too long. */
  #buffer = Buffer.allocUnsafe(FIRST_CAPACITY)
  #length = 0
  #isTooLong = false
  /** Bytes of a line that is too long, seen and not kept. */
  #skipped = 0
  #droppedLines = 0

  constructor(options: LineFramerOptions) {
    this.#options = options
    this.#maxLineBytes = options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES
  }

  /** Lines dropped so far, for whatever reason. */
  get droppedLines(): number {
    return this.#droppedLines
  }

  push(chunk: Buffer): void {
    let start = 0
    while (start < chunk.length) {
      const end = indexOfLf(chunk, start)
      if (end === -1) {
        this.#keep(chunk, start, chunk.length)
        return
      }
      if (this.#length === 0 && end - start <= this.#maxLineBytes) {
        this.#emit(chunk, start, end)
      } else {
        this.#keep(chunk, start, end)
        this.#finishLine()
      }
      start = end + 1
    }
  }

  /** The stream ended: what is left has no LF and may be cut anywhere, so it is not a line. */
  end(): void {
    if (this.#length > 0) this.#drop(this.#isTooLong ? 'tooLong' : 'unfinished')
    this.#reset()
  }

  #finishLine(): void {
    if (this.#isTooLong) this.#drop('tooLong')
    else this.#emit(this.#buffer, 0, this.#length)
    this.#reset()
  }

  #emit(bytes: Buffer, start: number, end: number): void {
    const last = end > start && bytes[end - 1] === CR ? end - 1 : end
    if (last > start) this.#options.onLine(bytes.toString('utf8', start, last))
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const length = this.#length + this.#skipped + end - start
    if (!this.#isTooLong && length <= this.#maxLineBytes) {
      this.#copy(chunk, start, end)
      return
    }
    this.#isTooLong = true
    this.#length = Math.min(this.#length, HEAD_BYTES)
    this.#copy(chunk, start, Math.min(end, start + HEAD_BYTES - this.#length))
    this.#skipped = length - this.#length
  }

  #copy(chunk: Buffer, start: number, end: number): void {
    const length = this.#length + end - start
    // Doubling keeps the copying linear however small the pieces are.
    if (length > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, this.#buffer.length * 2))
      this.#buffer.copy(grown, 0, 0, this.#length)
      this.#buffer = grown
    }
    if (end - start < SMALL_CHUNK) {
      for (let from = start, to = this.#length; from < end; from++, to++) this.#buffer[to] = chunk[from] ?? 0
    } else {
      chunk.copy(this.#buffer, this.#length, start, end)
    }
    this.#length = length
  }

  #drop(why: DroppedLine['why']): void {
    this.#droppedLines++
    this.#options.onDropped?.({
      why,
      bytes: this.#length + this.#skipped,
      head: this.#buffer.toString('utf8', 0, Math.min(this.#length, HEAD_BYTES)),
    })
  }

  #reset(): void {
    this.#length = 0
    this.#isTooLong = false
    this.#skipped = 0
    if (this.#buffer.length > KEPT_CAPACITY) this.#buffer = Buffer.allocUnsafe(FIRST_CAPACITY)
  }
}

function indexOfLf(chunk: Buffer, start: number): number {
  if (chunk.length - start >= SMALL_CHUNK) return chunk.indexOf(LF, start)
  for (let at = start; at < chunk.length; at++) if (chunk[at] === LF) return at
  return -1
}
