/**
 * Puts texts into the index, on the store's thread. Bounded pieces, each in one transaction: a crash repeats or skips
 * nothing, and whoever wants to write or read waits for one piece at most.
 */
import type Database from 'better-sqlite3'
import type { SearchKind } from '../../protocol/search.ts'
import { pendingPage, STATEMENTS } from './queries.ts'
import { indexedText, searchedText } from './words.ts'

/** Texts of one step, and how much of them. UTF-16 units. */
const STEP_TEXTS = 250
const STEP_UNITS = 128 * 1024
/** Ids of one millisecond; where they do not suffice, those of the time after it. */
const IDS_OF_MS = 2 ** 10
const ID_RANGES = [IDS_OF_MS, 2 ** 20, 2 ** 30, 2 ** 40]
/** The year 2248: whatever a file says, ids stay whole numbers that JavaScript can hold. */
const LAST_MS = 2 ** 43 - 2 ** 31

type Prepare = (sql: string) => Database.Statement

/** One text of a rollout. */
export interface RolloutText {
  readonly itemId: string
  readonly turnId: string
  readonly kind: SearchKind
  readonly at: number
  readonly text: string
}

/** A piece of a rollout, and where reading stands after it. */
export interface RolloutPiece {
  readonly threadId: string
  readonly sessionId: string
  readonly stamp: string
  /** What is indexed of this thread's file so far gives way. */
  readonly startsOver: boolean
  readonly texts: readonly RolloutText[]
  /** Turns that were taken back. */
  readonly removedTurnIds: readonly string[]
  /** JSON; null after the last piece. */
  readonly readState: string | null
}

interface PendingRow {
  readonly id: number
  readonly session_id: string
  readonly item_id: string
}

interface Entry {
  readonly sessionId: string
  readonly itemId: string
  readonly turnId: string | null
  readonly kind: SearchKind
  readonly at: number
  readonly text: string
  /** The text has no other place than the index's own table. */
  readonly isOwn: boolean
}

/** The first id of a time. */
export function idOf(at: number): number {
  const ms = Number.isFinite(at) ? Math.min(Math.max(0, Math.floor(at)), LAST_MS) : 0
  return ms * IDS_OF_MS
}

/** Work off some of what waits. @returns how many texts; 0 when nothing waits */
export function indexPending(database: Database.Database, prepare: Prepare): number {
  const step = (): number => {
    const { sql, parameters } = pendingPage(STEP_TEXTS).compile()
    const words = new Words(prepare)
    const seen = new Set<string>()
    let units = 0
    let count = 0
    let reached: number | null = null
    for (const row of prepare(sql).all(...parameters) as PendingRow[]) {
      if (units >= STEP_UNITS) break
      count += 1
      reached = row.id
      const key = `${row.session_id} ${row.item_id}`
      // What is gone by now was taken out of the index when it went.
      const entry = seen.has(key) ? null : entryOf(prepare, row)
      seen.add(key)
      if (entry === null) continue
      words.put(entry)
      units += entry.text.length
    }
    words.write()
    if (reached !== null) prepare(STATEMENTS.pendingDone).run(reached)
    return count
  }
  return database.transaction(step).immediate()
}

/** @returns false when the session is gone, or its history is in the store by now: then reading on is of no use */
export function indexRollout(database: Database.Database, prepare: Prepare, piece: RolloutPiece): boolean {
  const { threadId, sessionId, stamp, readState } = piece
  const step = (): boolean => {
    if (!prepare(STATEMENTS.session).get(sessionId) || prepare(STATEMENTS.isRead).get(threadId)) return false
    if (piece.startsOver) prepare(STATEMENTS.dropOwnTexts).run(sessionId)
    const words = new Words(prepare)
    for (const text of piece.texts) words.put({ ...text, sessionId, isOwn: true })
    words.write()
    for (const turnId of piece.removedTurnIds) prepare(STATEMENTS.dropTurn).run(sessionId, turnId)
    prepare(STATEMENTS.putRollout).run(threadId, sessionId, stamp, readState)
    return true
  }
  return database.transaction(step).immediate()
}

function entryOf(prepare: Prepare, { session_id, item_id }: PendingRow): Entry | null {
  const session = prepare(STATEMENTS.session).get(session_id) as
    | { created_at: number; title: string }
    | undefined
  const common = { sessionId: session_id, itemId: item_id, isOwn: false }
  if (item_id === '') {
    return session
      ? { ...common, turnId: null, kind: 'title', at: session.created_at, text: session.title }
      : null
  }
  const row = prepare(STATEMENTS.item).get(session_id, item_id) as
    | { type: string; turn_id: string; body: string; completed_at: number | null; started_at: number | null }
    | undefined
  if (!row) return null
  const kind = row.type === 'userMessage' ? 'prompt' : 'message'
  const at = row.completed_at ?? row.started_at ?? session?.created_at ?? 0
  return { ...common, turnId: row.turn_id, kind, at, text: searchedText(row.type, JSON.parse(row.body)) }
}

/**
 * Gathers the words of a step. **Invariant:** they go into the index in the order of their ids: FTS5 writes what it
 * gathered to disk whenever an id is smaller than the one before.
 */
class Words {
  readonly #prepare: Prepare
  readonly #gathered: { readonly id: number; readonly text: string }[] = []

  constructor(prepare: Prepare) {
    this.#prepare = prepare
  }

  put({ sessionId, itemId, turnId, kind, at, text, isOwn }: Entry): void {
    const known = this.#prepare(STATEMENTS.known).get(sessionId, itemId) as
      | { id: number; is_stored: number }
      | undefined
    // Of two sources the store's own items are the better one.
    if (isOwn && known?.is_stored) return
    const id = known?.id ?? this.#newId(at)
    this.#prepare(STATEMENTS.putText).run(
      BigInt(id),
      sessionId,
      itemId,
      turnId,
      kind,
      at,
      isOwn ? text : null,
    )
    this.#gathered.push({ id, text })
  }

  write(): void {
    for (const { id, text } of this.#gathered.sort((a, b) => a.id - b.id))
      this.#prepare(STATEMENTS.putWords).run(BigInt(id), indexedText(text))
  }

  #newId(at: number): number {
    const first = idOf(at)
    for (const range of ID_RANGES) {
      const end = first + range
      const newest = this.#prepare(STATEMENTS.newestId).get(BigInt(first), BigInt(end)) as {
        id: number | null
      }
      const id = (newest.id ?? first - 1) + 1
      if (id < end) return id
    }
    throw new Error(`No id is left for a text of ${new Date(at).toISOString()}.`)
  }
}
