/**
 * What a list needs to know of a rollout, from its first and its last bytes only: reading thousands of files of many MB
 * must cost almost nothing. It reads at most `HEAD_BYTES` and `TAIL_BYTES`, keeps nothing, and what it cannot see from
 * there is null until somebody opens the session.
 */
import type { Tokens } from '../../protocol/summary.ts'
import type { SessionEvent, ThreadFacts } from '../event.ts'
import { BatchLines } from './batch-lines.ts'
import { type ByteSource, openSource } from './byte-source.ts'
import { type Origin, readMeta, readOrigin } from './facts.ts'
import { type DecodedLine, readTime } from './line.ts'
import { LineSplitter } from './line-splitter.ts'
import { newParserState, type ParserState } from './parser-state.ts'
import { scanMeta } from './scan-meta.ts'
import { settleTurn } from './turns.ts'

export interface RolloutOutline {
  readonly threadId: string
  readonly facts: ThreadFacts
  readonly origin: Origin
  readonly firstPrompt: string | null
  readonly lastMessage: string | null
  /** Of the newest line, else of the file. */
  readonly lastActivityAt: number
  /** How the newest turn was left: open is what the file says, not that anything runs. Null: cannot be seen. */
  readonly turn: 'open' | 'completed' | 'interrupted' | 'failed' | null
  /** Calls without an output in the open turn. */
  readonly openCalls: number
  readonly tokens: Tokens | null
}

const LF = 10
const CHUNK_BYTES = 32 * 1024
/** The first prompt stands behind the instructions: some tens of KB; a longer first line is skipped, up to here. */
const HEAD_BYTES = 8 * 1024 * 1024
const HEAD_LINE_BYTES = 1024 * 1024
const TAIL_BYTES = 1024 * 1024
const PROMPT_UNITS = 2_000

/**
 * @param paths the thread's files, oldest first: more than one after a revert
 * @throws the system's error when a file cannot be read
 */
export async function outlineThread(threadId: string, paths: readonly string[]): Promise<RolloutOutline> {
  const first = paths[0]
  const last = paths.at(-1)
  if (first === undefined || last === undefined) throw new Error(`Thread ${threadId} has no rollout file.`)
  const [head, tail] =
    first === last
      ? await using(first, async (source) => [await readHead(source), await readTail(source)] as const)
      : [await using(first, readHead), await using(last, readTail)]
  const facts = { ...mergeFacts(head.facts, tail.facts), threadId, rolloutPath: last }
  return { ...head, ...tail, threadId, facts }
}

async function using<T>(path: string, read: (source: ByteSource) => Promise<T>): Promise<T> {
  const source = await openSource(path)
  try {
    return await read(source)
  } finally {
    await source.close()
  }
}

const NO_ORIGIN: Origin = {
  source: null,
  originator: null,
  parentThreadId: null,
  subagent: null,
  base: null,
}

async function readHead(
  source: ByteSource,
): Promise<{ facts: ThreadFacts; origin: Origin; firstPrompt: string | null }> {
  const splitter = new LineSplitter(HEAD_LINE_BYTES)
  const lines = new HeadLines()
  let position = 0
  while (position < HEAD_BYTES && lines.prompt === null) {
    const chunk = await source.read(position, CHUNK_BYTES)
    if (chunk.length === 0) break
    if (position === 0 && !chunk.includes(LF)) lines.begin(chunk)
    splitter.push(chunk, lines)
    position += chunk.length
  }
  return { facts: lines.facts, origin: lines.origin, firstPrompt: lines.prompt }
}

/** Reads lines with the parser until the first prompt has come by. */
class HeadLines extends BatchLines {
  facts: ThreadFacts = {}
  origin: Origin = NO_ORIGIN
  prompt: string | null = null

  constructor() {
    super({ offset: 0, droppedBytes: 0, mark: null, ordinal: null, badLines: 0, parser: newParserState() })
  }

  /** The beginning of the first line tells most of what it has to tell, also where its end is too far away. */
  begin(chunk: Buffer): void {
    const meta = scanMeta(chunk)
    if (!meta) return
    this.facts = readMeta(meta)
    this.origin = readOrigin(meta)
  }

  protected override seen(decoded: DecodedLine): void {
    if (this.parser.threadId === null && decoded.kind === 'line' && decoded.line.type === 'session_meta')
      this.origin = readOrigin(decoded.line.payload)
  }

  override line(bytes: Buffer, lineBytes: number): void {
    if (this.prompt !== null) return
    super.line(bytes, lineBytes)
    for (const event of this.events.splice(0)) {
      if (event.type === 'thread') this.facts = mergeFacts(this.facts, event.facts)
      else this.prompt ??= promptOf(event)
    }
  }
}

async function readTail(
  source: ByteSource,
): Promise<Omit<RolloutOutline, 'threadId' | 'origin' | 'firstPrompt'>> {
  const nothing = { facts: {}, lastMessage: null, turn: null, openCalls: 0, tokens: null }
  // The end of a compressed file is known only after all of it; it was idle for days when it was compressed.
  if (source.size === null) return { ...nothing, lastActivityAt: source.modifiedAt }
  const lines = await readLastLines(source, source.size)
  if (!lines) return { ...nothing, lastActivityAt: source.modifiedAt }
  const { parser } = lines
  lines.events.push(...settleTurn(parser))
  const ended = lines.events.findLast((event) => event.type === 'turnCompleted')
  const status = ended?.turn.status
  let facts: ThreadFacts = {}
  for (const event of lines.events) if (event.type === 'thread') facts = mergeFacts(facts, event.facts)
  return {
    facts,
    lastMessage: lines.events.reduce<string | null>((known, event) => messageOf(event) ?? known, null),
    lastActivityAt: lines.lastAt ?? source.modifiedAt,
    turn: parser.turn ? 'open' : status === undefined || status === 'inProgress' ? null : status,
    openCalls: Object.keys(parser.calls).length,
    tokens: parser.tokens,
  }
}

/** The last lines that lie whole in the end of the file; the end grows until there are some that say something. */
async function readLastLines(source: ByteSource, size: number): Promise<TailLines | null> {
  let newest: TailLines | null = null
  for (let bytes = CHUNK_BYTES; ; bytes *= 4) {
    const from = Math.max(0, size - bytes)
    const lines = new TailLines(from === 0)
    const splitter = new LineSplitter(TAIL_BYTES)
    for (let position = from; position < size; ) {
      const chunk = await source.read(position, CHUNK_BYTES)
      if (chunk.length === 0) break
      splitter.push(chunk, lines)
      position += chunk.length
    }
    if (lines.lastAt !== null) newest = lines
    if (lines.events.length > 0 || from === 0 || bytes >= TAIL_BYTES) return newest
  }
}

class TailLines extends BatchLines {
  /** Of any line, also of those that say nothing to a person. */
  lastAt: number | null = null
  #isWhole: boolean

  constructor(startsAtLine: boolean) {
    const parser: ParserState = newParserState()
    // A `session_meta` in here is not the file's own.
    if (!startsAtLine) parser.threadId = ''
    super({ offset: 0, droppedBytes: 0, mark: null, ordinal: null, badLines: 0, parser })
    this.#isWhole = startsAtLine
  }

  override line(bytes: Buffer, lineBytes: number): void {
    if (!this.#isWhole) {
      this.#isWhole = true
      return
    }
    super.line(bytes, lineBytes)
  }

  protected override seen(decoded: DecodedLine): void {
    if (decoded.kind === 'line') this.lastAt = decoded.line.at ?? this.lastAt
    else if (decoded.kind === 'passed') this.lastAt = readTime(decoded.timestamp) ?? this.lastAt
  }
}

function mergeFacts(known: ThreadFacts, facts: ThreadFacts): ThreadFacts {
  return { ...known, ...facts, settings: { ...known.settings, ...facts.settings } }
}

function promptOf(event: SessionEvent): string | null {
  if (event.type !== 'item' || event.item.type !== 'userMessage') return null
  const content = event.item.body.content as readonly { text?: unknown }[]
  const text = content.map((part) => (typeof part.text === 'string' ? part.text : '')).join('')
  return text === '' ? null : text.slice(0, PROMPT_UNITS)
}

function messageOf(event: SessionEvent): string | null {
  if (event.type !== 'item' || event.item.type !== 'agentMessage') return null
  const { text } = event.item.body
  return typeof text === 'string' ? text.slice(0, PROMPT_UNITS) : null
}
