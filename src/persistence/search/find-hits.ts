/**
 * Finds hits and makes their snippets, on a thread of its own that only reads: texts are long, and a word that stands
 * everywhere takes a while to look through; neither may hold up who writes.
 */
import type Database from 'better-sqlite3'
import type { SearchHit, SearchKind } from '../../protocol/search.ts'
import { hits, STATEMENTS } from './queries.ts'
import { snippetOf } from './snippet.ts'
import { matchOf, searchedText, type Term } from './words.ts'

/** A page is given after this, with what was found so far: filters may leave little of very much. Milliseconds. */
const BUDGET_MS = 1_000
/** How many rows pass between two looks at the time. */
const LOOK_ROWS = 256

export interface FindRequest {
  readonly terms: readonly Term[]
  readonly beforeId: number
  readonly fromId: number
  readonly limit: number
  /** Only in these sessions; null for all. */
  readonly sessionIds: ReadonlySet<string> | null
  readonly kinds: readonly SearchKind[] | null
  /** At most so many of one session; null for any number. */
  readonly perSession: number | null
}

export interface Found {
  readonly hits: readonly SearchHit[]
  /** Where the next page begins; null when there is no more. */
  readonly nextId: number | null
}

interface HitRow {
  readonly id: number
  readonly session_id: string
  readonly item_id: string
  readonly turn_id: string | null
  readonly kind: SearchKind
  readonly at: number
}

export function findHits(prepare: (sql: string) => Database.Statement, request: FindRequest): Found {
  const { terms, limit, sessionIds, kinds, perSession } = request
  const range = { beforeId: BigInt(request.beforeId), fromId: BigInt(request.fromId) }
  const { sql, parameters } = hits({ match: matchOf(terms), ...range }).compile()
  const shown: HitRow[] = []
  const counts = new Map<string, number>()
  const end = performance.now() + BUDGET_MS
  let looked = 0
  let nextId: number | null = null
  for (const row of prepare(sql).iterate(...parameters) as Iterable<HitRow>) {
    looked += 1
    if (looked % LOOK_ROWS === 0 && performance.now() > end) {
      nextId = row.id + 1
      break
    }
    const count = counts.get(row.session_id) ?? 0
    if (sessionIds && !sessionIds.has(row.session_id)) continue
    if (kinds && !kinds.includes(row.kind)) continue
    if (perSession !== null && count >= perSession) continue
    if (shown.length === limit) {
      nextId = (shown.at(-1) as HitRow).id
      break
    }
    counts.set(row.session_id, count + 1)
    shown.push(row)
  }
  return { hits: shown.map((row) => hitOf(prepare, row, terms)), nextId }
}

function hitOf(prepare: (sql: string) => Database.Statement, row: HitRow, terms: readonly Term[]): SearchHit {
  const { text, seq } = textOf(prepare, row)
  return {
    sessionId: row.session_id,
    kind: row.kind,
    itemId: row.item_id === '' ? null : row.item_id,
    turnId: row.turn_id,
    seq,
    at: row.at,
    snippet: snippetOf(text, terms),
  }
}

function textOf(
  prepare: (sql: string) => Database.Statement,
  row: HitRow,
): { text: string; seq: number | null } {
  if (row.kind === 'title') {
    const session = prepare(STATEMENTS.session).get(row.session_id) as { title: string } | undefined
    return { text: session?.title ?? '', seq: null }
  }
  const item = prepare(STATEMENTS.item).get(row.session_id, row.item_id) as
    | { type: string; seq: number; body: string }
    | undefined
  if (item) return { text: searchedText(item.type, JSON.parse(item.body)), seq: item.seq }
  const own = prepare(STATEMENTS.text).get(BigInt(row.id)) as { text: string | null } | undefined
  return { text: own?.text ?? '', seq: null }
}
