/** The lines of one batch: decodes and parses each, counts what cannot be read, and remembers where the newest ended. */
import type { SessionEvent } from '../event.ts'
import { hashOf } from './byte-source.ts'
import { type DecodedLine, decodeLine } from './line.ts'
import type { LineSink } from './line-splitter.ts'
import { parseLine } from './parse.ts'
import type { ParserState } from './parser-state.ts'

/** The last bytes of a line: `length` of them before the byte offset `end`. */
export interface Mark {
  readonly end: number
  readonly length: number
  readonly hash: string
}

/** Lines of one moment differ in their ends (ids, texts, ordinals); this much of them tells files apart. */
const MARK_BYTES = 256

/** `{"timestamp":"2026-01-01T00:00:00.000Z",` */
const TIME_BYTES = 40
const SETTINGS = new Set(['session_meta', 'thread_settings_applied'])

interface Before {
  readonly offset: number
  readonly droppedBytes: number
  readonly mark: Mark | null
  readonly ordinal: number | null
  readonly badLines: number
  readonly parser: ParserState
}

export class BatchLines implements LineSink {
  readonly events: SessionEvent[] = []
  readonly parser: ParserState
  ordinal: number | null
  badLines: number
  readonly #before: Before
  readonly #endOrdinal: number | null
  #isPastEnd = false
  readonly #tail = Buffer.alloc(MARK_BYTES)
  #tailLength = 0
  /** The newest `turn_context` behind its time, while nothing else changed the settings. */
  #context: Buffer | null = null
  #offset: number
  #markEnd = 0

  /** @param endOrdinal lines from this one on do not count; null where all do */
  constructor(before: Before, endOrdinal: number | null = null) {
    this.#before = before
    this.#endOrdinal = endOrdinal
    this.#offset = before.offset - before.droppedBytes
    // A copy: the caller may still be storing the state before, and goes back to it when this batch fails.
    this.parser = structuredClone(before.parser)
    this.ordinal = before.ordinal
    this.badLines = before.badLines
  }

  /** Nothing that follows counts. */
  get isPastEnd(): boolean {
    return this.#isPastEnd
  }

  get mark(): Mark | null {
    if (this.#tailLength === 0) return this.#before.mark
    const hash = hashOf(this.#tail.subarray(0, this.#tailLength))
    return { end: this.#markEnd, length: this.#tailLength, hash }
  }

  line(bytes: Buffer, lineBytes: number): void {
    this.#offset += lineBytes
    if (bytes.length === 0) return
    this.#tailLength = bytes.copy(this.#tail, 0, Math.max(0, bytes.length - MARK_BYTES))
    this.#markEnd = this.#offset - 1
    const decoded = this.#repeated(bytes) ?? decodeLine(bytes)
    this.seen(decoded)
    if (decoded.kind === 'garbage') {
      this.badLines += 1
      return
    }
    const ordinal = decoded.kind === 'line' ? decoded.line.ordinal : decoded.ordinal
    if (ordinal !== null) {
      if (this.#endOrdinal !== null && ordinal >= this.#endOrdinal) this.#isPastEnd = true
      if (this.#isPastEnd) return
      // Paginated history numbers its lines; one that comes twice (a copy, a repeated flush) counts once.
      if (this.ordinal !== null && ordinal <= this.ordinal) return
      this.ordinal = ordinal
    }
    if (decoded.kind !== 'line') return
    const { type } = decoded.line
    if (type === 'turn_context' && ordinal === null) this.#context = Buffer.from(bytes.subarray(TIME_BYTES))
    else if (SETTINGS.has(type === 'event_msg' ? String(decoded.line.payload.type) : type))
      this.#context = null
    for (const event of parseLine(this.parser, decoded.line)) this.events.push(event)
  }

  /** Up to 0.98 the same context is written before every call of the model; it says nothing new. */
  #repeated(bytes: Buffer): DecodedLine | null {
    if (!this.#context?.equals(bytes.subarray(TIME_BYTES))) return null
    return { kind: 'passed', ordinal: null, timestamp: bytes.toString('latin1', 14, TIME_BYTES - 2) }
  }

  /** A line, before the parser has it. */
  protected seen(_line: DecodedLine): void {}

  tooLong(lineBytes: number): void {
    this.#offset += lineBytes
    this.badLines += 1
    const message = `A line of ${lineBytes} bytes in the rollout was passed over: it is longer than this hub reads.`
    this.events.push({ type: 'warning', message })
  }
}
