/**
 * The statements of search. The words are found by the index of FTS5, everything else by key. Those of indexing are made
 * once, for the parameters named beside them: they run for each text.
 */
import { type SqlBool, sql } from 'kysely'
import { compiler as db } from '../statements.ts'

export interface HitRange {
  /** In the language of FTS5. */
  readonly match: string
  /** Exclusive, and inclusive: ids are in the order of time. */
  readonly beforeId: bigint
  readonly fromId: bigint
}

/** Newest first, as the index yields them: whoever has enough stops reading. Only what it takes to sort hits out. */
export const hits = ({ match, beforeId, fromId }: HitRange) =>
  db
    .selectFrom('search')
    .innerJoin('search_texts', 'search_texts.id', 'search.rowid')
    .select(['search_texts.id', 'session_id', 'item_id', 'turn_id', 'kind', 'at'])
    .where(sql<SqlBool>`search match ${match}`)
    .where(sql<SqlBool>`search.rowid < ${beforeId}`)
    .where(sql<SqlBool>`search.rowid >= ${fromId}`)
    .orderBy('search.rowid', 'desc')

export const pendingCount = () =>
  db.selectFrom('search_pending').select((eb) => eb.fn.countAll<number>().as('pending'))

export const indexedRollouts = () =>
  db
    .selectFrom('search_rollouts')
    .select(['thread_id', 'session_id', 'stamp', (eb) => eb('read_state', 'is', null).as('is_whole')])

export const dropRolloutTexts = (sessionId: string) =>
  db.deleteFrom('search_texts').where('session_id', '=', sessionId).where('text', 'is not', null)

export const dropRollout = (threadId: string) =>
  db.deleteFrom('search_rollouts').where('thread_id', '=', threadId)

export const rolloutState = (threadId: string) =>
  db.selectFrom('search_rollouts').select(['stamp', 'read_state']).where('thread_id', '=', threadId)

/** The newest first: what was just said is found before what is still to be read of the past. */
export const pendingPage = (limit: number) =>
  db.selectFrom('search_pending').select(['id', 'session_id', 'item_id']).orderBy('id', 'desc').limit(limit)

export const STATEMENTS = {
  /** id */
  pendingDone: db.deleteFrom('search_pending').where('id', '>=', 0).compile().sql,
  /** session id, item id */
  item: db
    .selectFrom('items')
    .select(['type', 'turn_id', 'seq', 'body', 'completed_at', 'started_at'])
    .where('session_id', '=', '')
    .where('id', '=', '')
    .compile().sql,
  /** session id */
  session: db
    .selectFrom('sessions')
    .select(['created_at', sql`json_extract(summary, '$.title')`.as('title')])
    .where('id', '=', '')
    .compile().sql,
  /** thread id */
  isRead: db
    .selectFrom('rollouts')
    .select('thread_id')
    .where('thread_id', '=', '')
    .where('read_stamp', 'is not', null)
    .compile().sql,
  /** session id, item id */
  known: db
    .selectFrom('search_texts')
    .select(['id', (eb) => eb('text', 'is', null).as('is_stored')])
    .where('session_id', '=', '')
    .where('item_id', '=', '')
    .compile().sql,
  /** id, id: exclusive */
  newestId: db
    .selectFrom('search_texts')
    .select((eb) => eb.fn.max('id').as('id'))
    .where('id', '>=', 0)
    .where('id', '<', 0)
    .compile().sql,
  /** id */
  text: db.selectFrom('search_texts').select('text').where('id', '=', 0).compile().sql,
  /** id, session id, item id, turn id, kind, time, text */
  putText: db
    .replaceInto('search_texts')
    .values({ id: 0, session_id: '', item_id: '', turn_id: '', kind: '', at: 0, text: '' })
    .compile().sql,
  /** id, words */
  putWords: db.replaceInto('search').values({ rowid: 0, words: '' }).compile().sql,
  /** session id */
  dropOwnTexts: dropRolloutTexts('').compile().sql,
  /** session id, turn id */
  dropTurn: db
    .deleteFrom('search_texts')
    .where('session_id', '=', '')
    .where('turn_id', '=', '')
    .where('text', 'is not', null)
    .compile().sql,
  /** thread id, session id, stamp, state */
  putRollout: db
    .replaceInto('search_rollouts')
    .values({ thread_id: '', session_id: '', stamp: '', read_state: '' })
    .compile().sql,
} as const
