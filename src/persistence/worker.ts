/**
 * The store's thread: the only place where the database is open. Does one request after the other and answers each;
 * decides nothing about when or whether to try again.
 */
import { performance } from 'node:perf_hooks'
import { parentPort } from 'node:worker_threads'
import type Database from 'better-sqlite3'
import { MIGRATIONS } from '../../migrations/list.ts'
import { openDatabase, openReader } from './database.ts'
import { toStoreError } from './fault.ts'
import type { Answers, Budget, Request, RequestMessage, ResponseMessage } from './messages.ts'
import { findHits } from './search/find-hits.ts'
import { indexPending, indexRollout } from './search/index-texts.ts'
import { BatchStatements } from './statements.ts'
import { StoreError } from './store-error.ts'

if (!parentPort) throw new Error('worker.ts runs as a worker thread of the store.')
const port = parentPort

interface Opened {
  readonly file: string
  readonly database: Database.Database
  /** Null for a reader. */
  readonly batches: BatchStatements | null
  readonly statements: Map<string, Database.Statement>
}

let opened: Opened | null = null
let previous: Promise<void> = Promise.resolve()

port.on('message', (message: RequestMessage) => {
  // Opening takes several turns of the event loop; whatever was asked meanwhile waits for it.
  previous = previous.then(() => respond(message))
})

async function respond({ id, request }: RequestMessage): Promise<void> {
  let response: ResponseMessage
  try {
    response = { id, answer: request.kind === 'open' ? await open(request) : perform(request) }
  } catch (error) {
    const { fault, message, facts } = toStoreError(error, opened?.file ?? 'of the store')
    response = { id, failure: { fault, message, facts } }
  }
  port.postMessage(response)
}

async function open({
  file,
  maxPages,
  isReader = false,
}: Extract<Request, { kind: 'open' }>): Promise<Answers['open']> {
  const schemaVersion = Object.keys(MIGRATIONS).at(-1) ?? ''
  if (isReader) {
    opened = { file, database: openReader(file), batches: null, statements: new Map() }
    return { schemaVersion, applied: [], backup: null }
  }
  const { database, run } = await openDatabase(file, MIGRATIONS, maxPages)
  opened = { file, database, batches: new BatchStatements(database), statements: new Map() }
  return { schemaVersion, ...run }
}

function perform(request: Exclude<Request, { kind: 'open' }>): Answers[keyof Answers] {
  if (!opened) throw new StoreError('failed', 'The database is not open.')
  const current = opened
  const { database, batches } = current
  const prepare = (sql: string) => prepared(sql, current)
  switch (request.kind) {
    case 'write': {
      const start = performance.now()
      if (!batches) throw new StoreError('failed', 'This thread of the store only reads.')
      batches.write(request.cells)
      return { ms: performance.now() - start }
    }
    case 'read':
      return read(prepare(request.sql), request.parameters, request.budget)
    case 'find':
      return findHits(prepare, request.find)
    case 'index': {
      const start = performance.now()
      const indexed = indexPending(database, prepare)
      return { indexed, ms: performance.now() - start }
    }
    case 'indexRollout': {
      const start = performance.now()
      const isWanted = indexRollout(database, prepare, request.piece)
      return { isWanted, ms: performance.now() - start }
    }
    case 'run':
      return { changes: prepare(request.sql).run(...request.parameters).changes }
    case 'checkpoint':
      database.pragma(`wal_checkpoint(${request.mode})`)
      return null
    case 'close':
      database.close()
      opened = null
      return null
  }
}

function prepared(sql: string, { database, statements }: Opened): Database.Statement {
  let statement = statements.get(sql)
  if (!statement) {
    statement = database.prepare(sql)
    statements.set(sql, statement)
  }
  return statement
}

function read(
  statement: Database.Statement,
  parameters: readonly unknown[],
  budget: Budget | undefined,
): Answers['read'] {
  if (!budget) return { rows: statement.all(...parameters), isCut: false }
  const rows: unknown[] = []
  let bytes = 0
  for (const row of statement.iterate(...parameters) as Iterable<Record<string, unknown>>) {
    bytes += Buffer.byteLength(String(row[budget.column]))
    if (bytes > budget.bytes && rows.length > 0) return { rows, isCut: true }
    rows.push(row)
  }
  return { rows, isCut: false }
}
