import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Compilable } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import * as queries from '../../src/persistence/queries.ts'
import { makeFolder, openIn } from './folder.ts'

const inFolder = { archived: false, cwd: '/w', parentThreadId: null }
const anywhere = { archived: false, cwd: null, parentThreadId: null }
const all = { ...anywhere, parentThreadId: undefined }
const items = { sessionId: 's1', turnId: null, afterSeq: null, beforeSeq: null, limit: 9 } as const
const page = { sessionId: 's1', order: 'newestFirst', after: null, limit: 9 } as const

/** Each query with the index that must answer it. */
const PLANS: readonly (readonly [string, Compilable, string])[] = [
  [
    'sessions',
    queries.sessionPage({ ...anywhere, after: null, limit: 9 }),
    'sessions_tree (archived=? AND parent_thread_id=?)',
  ],
  [
    'sessions, a later page',
    queries.sessionPage({ ...anywhere, after: [5, 'a'], limit: 9 }),
    'sessions_tree (archived=? AND parent_thread_id=? AND updated_at<?)',
  ],
  [
    'sessions of a folder',
    queries.sessionPage({ ...inFolder, after: null, limit: 9 }),
    'sessions_tree (archived=? AND parent_thread_id=?)',
  ],
  [
    'number of sessions',
    queries.sessionCount(anywhere),
    'COVERING INDEX sessions_tree (archived=? AND parent_thread_id=?)',
  ],
  [
    'number of sessions of a folder',
    queries.sessionCount(inFolder),
    'COVERING INDEX sessions_tree (archived=? AND parent_thread_id=?)',
  ],
  ['sessions of all', queries.sessionPage({ ...all, after: null, limit: 9 }), 'sessions_list (archived=?)'],
  [
    'subagents of one',
    queries.sessionPage({ ...anywhere, parentThreadId: 't', after: null, limit: 9 }),
    'sessions_tree (archived=? AND parent_thread_id=?)',
  ],
  ['all sessions, in pages', queries.sessionsAfter('s1', 9), 'sqlite_autoindex_sessions_1 (id>?)'],
  ['session', queries.session('s1'), 'sqlite_autoindex_sessions_1 (id=?)'],
  ['details', queries.details('s1'), 'sqlite_autoindex_details_1 (session_id=?)'],
  ['items, newest first', queries.itemPage({ ...items, order: 'newestFirst' }), 'items_order (session_id=?)'],
  ['items that have not ended', queries.unendedItems('s1', 5, 9), 'items_unended (session_id=? AND seq<?)'],
  [
    'items, a later page',
    queries.itemPage({ ...items, order: 'newestFirst', beforeSeq: 5 }),
    'items_order (session_id=? AND seq<?)',
  ],
  [
    'items, oldest first',
    queries.itemPage({ ...items, order: 'oldestFirst', afterSeq: 5 }),
    'items_order (session_id=? AND seq>?)',
  ],
  [
    'items of a turn',
    queries.itemPage({ ...items, order: 'newestFirst', turnId: 't', beforeSeq: 5 }),
    'items_of_turn (session_id=? AND turn_id=? AND seq<?)',
  ],
  ['item', queries.item('s1', 'i1'), 'sqlite_autoindex_items_1 (session_id=? AND id=?)'],
  ['number of turns', queries.turnCount('s1'), 'COVERING INDEX turns_order (session_id=?)'],
  ['turns', queries.turnPage(page), 'turns_order (session_id=?)'],
  ['turns, a later page', queries.turnPage({ ...page, after: 5 }), 'turns_order (session_id=? AND seq<?)'],
  [
    'turns, oldest first',
    queries.turnPage({ ...page, order: 'oldestFirst', after: 5 }),
    'turns_order (session_id=? AND seq>?)',
  ],
  ['turns by id', queries.turns('s1', ['a', 'b']), 'sqlite_autoindex_turns_1 (session_id=? AND id=?)'],
  ['approvals', queries.approvalPage(page), 'approvals_order (session_id=?)'],
  [
    'approvals, a later page',
    queries.approvalPage({ ...page, after: 5 }),
    'approvals_order (session_id=? AND position<?)',
  ],
  ['open approvals', queries.pendingApprovals('s1'), 'approvals_pending (session_id=?)'],
  [
    'prompt of a queue',
    queries.queuePrompt('s1', 'e1'),
    'sqlite_autoindex_queue_prompts_1 (session_id=? AND entry_id=?)',
  ],
  ['receipt', queries.receipt('c1'), 'sqlite_autoindex_receipts_1 (command_id=?)'],
  ['open receipts', queries.settleReceipts(), 'receipts_pending (state=?)'],
  ['call of an agent', queries.auditRow('c1'), 'sqlite_autoindex_audit_1 (id=?)'],
  ['calls, a later page', queries.auditPage({ before: 5, limit: 9 }), 'INTEGER PRIMARY KEY (rowid<?)'],
  [
    'calls of an agent',
    queries.auditPage({ agent: 'a', before: 5, limit: 9 }),
    'audit_of_agent (agent=? AND position<?)',
  ],
  [
    'calls about a session',
    queries.auditPage({ sessionId: 's1', before: 5, limit: 9 }),
    'audit_of_session (session_id=? AND position<?)',
  ],
  ['old receipts', queries.pruneByAge(5), 'receipts_age (at<?)'],
]

test('[STO29] every list and page is found by an index and needs no sorting', async () => {
  const folder = await makeFolder()
  await openIn(folder)
  const database = new Database(join(folder, 'hub.sqlite'), { readonly: true })
  onTestFinished(() => void database.close())
  const planOf = (query: Compilable) => {
    const { sql, parameters } = query.compile()
    const steps = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[]
    return steps.map(({ detail }) => detail)
  }
  expect(PLANS.map(([name, query]) => [name, planOf(query)])).toEqual(
    PLANS.map(([name, , index]) => [name, [expect.toSatisfy((step) => isSearch(step, index))]]),
  )
})

const isSearch = (step: string, index: string) => step.startsWith('SEARCH ') && step.endsWith(` ${index}`)
