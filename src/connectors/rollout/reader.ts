/**
 * Reads a thread's rollout from where it was left, in batches bounded by bytes. A batch comes with the state after it;
 * stored together, in one transaction, they make a crash neither repeat nor skip a line (L11). The reader only reads:
 * it takes no lock, and at the end of a file it holds nothing open.
 */
import type { SessionEvent } from '../event.ts'
import { BatchLines, type Mark } from './batch-lines.ts'
import { type ByteSource, openSource } from './byte-source.ts'
import { LineSplitter, MAX_LINE_BYTES } from './line-splitter.ts'
import { newParserState, type ParserState } from './parser-state.ts'
import { type Base, type Segment, segmentsOf } from './segments.ts'
import { loseTurn, settleTurn } from './turns.ts'

/** Where reading stands. Plain JSON; the place is always the start of a line, or inside one that is passed over. */
export interface ReadState {
  readonly format: 1
  /** Which of the thread's files, by `RolloutName.part`. */
  readonly part: string
  /** Device and inode of it. */
  readonly file: string
  readonly offset: number
  /** End of the newest line that was read: what must still stand there for reading to go on. */
  readonly mark: Mark | null
  /** How much of a line longer than the limit lies before `offset`. */
  readonly droppedBytes: number
  /** Highest ordinal seen in this file. */
  readonly ordinal: number | null
  readonly badLines: number
  readonly parser: ParserState
}

export interface Batch {
  /**
   * The file is not the one that was read before (shrunk, or replaced by another): reading began again, and what is in
   * the session from earlier batches must give way. Ids are the same where the content is.
   */
  readonly restarted: boolean
  readonly events: readonly SessionEvent[]
  readonly state: ReadState
  /** How far the offset moved. */
  readonly bytes: number
  /** Nothing more to read now. */
  readonly atEnd: boolean
}

export interface ReadOptions {
  /** About how much to read in one batch. */
  readonly batchBytes?: number
  readonly maxLineBytes?: number
  /** What the thread was forked from, the oldest first. */
  readonly bases?: readonly Base[]
}

const BATCH_BYTES = 1024 * 1024
const CHUNK_BYTES = 512 * 1024

export class RolloutReader {
  readonly #batchBytes: number
  readonly #maxLineBytes: number
  readonly #bases: readonly Base[]
  #segments: readonly Segment[]
  #state: ReadState | null
  /** Holds the line that has not ended, so that a long one is not read from its start for every piece. */
  #splitter: LineSplitter
  /** The file between two batches: opening a compressed one again would decompress it from its start. */
  #kept: { readonly path: string; readonly source: ByteSource } | null = null

  /**
   * @param paths the thread's files, in any order; more than one after a revert
   * @param state where an earlier reader stood; null to read from the start
   */
  constructor(paths: readonly string[], state: ReadState | null, options: ReadOptions = {}) {
    this.#bases = options.bases ?? []
    this.#segments = segmentsOf(this.#bases, paths)
    this.#state = state
    this.#batchBytes = options.batchBytes ?? BATCH_BYTES
    this.#maxLineBytes = options.maxLineBytes ?? MAX_LINE_BYTES
    this.#splitter = new LineSplitter(this.#maxLineBytes, state?.droppedBytes ?? 0)
  }

  /** Where it stands: up to here everything was handed out. */
  get state(): ReadState | null {
    return this.#state
  }

  /** The thread's files moved, were compressed, or one more came. */
  follow(paths: readonly string[]): void {
    this.#segments = segmentsOf(this.#bases, paths)
  }

  /** Read the next batch. @throws the system's error when the file cannot be read; nothing is lost by trying again. */
  async read(): Promise<Batch> {
    const part = this.#state?.part
    const segment = this.#segments.find((each) => each.part === part) ?? this.#segments[0]
    if (segment === undefined) throw new Error('The thread has no rollout file to read.')
    const { path } = segment
    const { source, isKept } = await this.#open(path)
    let batch: Batch
    try {
      batch = await this.#readFrom(source, segment, await this.#begin(source, segment, isKept))
    } catch (error) {
      // Part of the batch may be in the splitter; the next attempt begins where the last batch ended.
      this.#splitter = new LineSplitter(this.#maxLineBytes, this.#state?.droppedBytes ?? 0)
      await source.close()
      throw error
    }
    if (batch.atEnd) await source.close()
    else this.#kept = { path, source }
    const next = this.#segments[this.#segments.indexOf(segment) + 1]
    if (batch.atEnd && next !== undefined) {
      // The thread goes on in a later file. What this one lacks an LF for will never be finished.
      const { parser, badLines } = batch.state
      this.#splitter = new LineSplitter(this.#maxLineBytes)
      batch = {
        ...batch,
        state: { ...startOf(next, handOver(parser, segment, next)), badLines },
        atEnd: false,
      }
    }
    this.#state = batch.state
    return batch
  }

  /**
   * Take the open turn for over though the file does not say so, since `judge` calls the session idle (`settled`) or
   * ended (`lost`). Undone by what is read later. @returns what to tell and store, like a batch; null when nothing is open
   */
  conclude(how: 'settled' | 'lost'): Pick<Batch, 'events' | 'state'> | null {
    if (!this.#state) return null
    const parser = structuredClone(this.#state.parser)
    const events = how === 'settled' ? settleTurn(parser) : parser.turn ? loseTurn(parser) : []
    if (events.length === 0) return null
    this.#state = { ...this.#state, parser }
    return { events, state: this.#state }
  }

  /** Let go of the file, when reading stops before its end. */
  async close(): Promise<void> {
    const kept = this.#kept
    this.#kept = null
    await kept?.source.close()
  }

  async #open(path: string): Promise<{ source: ByteSource; isKept: boolean }> {
    const kept = this.#kept
    this.#kept = null
    if (kept?.path === path) return { source: kept.source, isKept: true }
    await kept?.source.close()
    return { source: await openSource(path), isKept: false }
  }

  /** **Invariant:** reading goes on only in a file that is proven to be the one that was read; else it starts anew. */
  async #begin(source: ByteSource, segment: Segment, isKept: boolean): Promise<Begin> {
    const known = this.#state
    if (known === null || known.part !== segment.part) return this.#anew(segment, known !== null)
    // Held open since the last batch, it is the same file, and a compressed one cannot be read backwards.
    if (isKept || (known.offset === 0 && known.file === '')) return { state: known, restarted: false }
    if (!(await stillHolds(source, known))) return this.#anew(segment, true)
    const position = known.offset + this.#splitter.partialBytes
    if (known.file !== source.file || (source.size !== null && source.size < position))
      this.#splitter = new LineSplitter(this.#maxLineBytes, known.droppedBytes)
    return { state: known, restarted: false }
  }

  #anew(segment: Segment, restarted: boolean): Begin {
    this.#splitter = new LineSplitter(this.#maxLineBytes)
    const first = this.#segments[0] ?? segment
    const state = startOf(first, { ...newParserState(), threadId: first.base?.threadId ?? null })
    // An earlier file of the thread must be read before this one.
    return { state, restarted, ...(first.part === segment.part ? {} : { elsewhere: true }) }
  }

  async #readFrom(
    source: ByteSource,
    { base }: Segment,
    { state, restarted, elsewhere }: Begin,
  ): Promise<Batch> {
    if (elsewhere) return { restarted, events: [], state, bytes: 0, atEnd: false }
    const splitter = this.#splitter
    const lines = new BatchLines(state, base?.endOrdinal ?? null)
    // The bytes of the unfinished line are already in the splitter.
    const start = state.offset + splitter.partialBytes
    let position = start
    let atEnd = false
    while (position - start < this.#batchBytes && !atEnd) {
      const chunk = await source.read(position, Math.min(this.#batchBytes, CHUNK_BYTES))
      if (chunk.length === 0) {
        atEnd = true
        break
      }
      splitter.push(chunk, lines)
      position += chunk.length
      atEnd = lines.isPastEnd
    }
    const offset = position - splitter.partialBytes
    const { events, mark, ordinal, badLines } = lines
    return {
      restarted,
      events,
      bytes: offset - state.offset,
      atEnd,
      state: {
        format: 1,
        part: state.part,
        file: source.file,
        offset,
        mark,
        droppedBytes: splitter.droppedBytes,
        ordinal,
        badLines,
        parser: lines.parser,
      },
    }
  }
}

interface Begin {
  readonly state: ReadState
  readonly restarted: boolean
  /** The file that was opened is not the one to begin with. */
  readonly elsewhere?: true
}

/** A file that is long enough and still has the newest line where it was read: then it only grew, or was copied. */
async function stillHolds(source: ByteSource, { offset, mark, file }: ReadState): Promise<boolean> {
  if (source.size !== null && source.size < offset) return false
  if (mark === null) return file === source.file
  return (await source.hashBefore(mark.end, mark.length)) === mark.hash
}

function startOf({ part }: Segment, parser: ParserState): ReadState {
  return {
    format: 1,
    part,
    file: '',
    offset: 0,
    mark: null,
    droppedBytes: 0,
    ordinal: null,
    badLines: 0,
    parser,
  }
}

/** In another thread's past its reverts count and its name does not; the thread's own first line is still to come. */
function handOver(parser: ParserState, from: Segment, to: Segment): ParserState {
  if (from.base === null) return parser
  return { ...parser, threadId: to.base?.threadId ?? null }
}
