/**
 * The prepared statements behind a batch's operations. Kysely writes the SQL once, when the worker starts; on the hot
 * path only better-sqlite3 runs. (Compiling with kysely for each row costs several times the insert itself.)
 */
import type Database from 'better-sqlite3'
import {
  DummyDriver,
  type InsertObject,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { type Cell, OPERATION_NAMES, OPERATIONS, type Operation } from './operations.ts'
import type { Tables } from './tables.ts'

/** A kysely that only writes SQL. */
export const compiler = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

/** Runs whole batches. Prepare it after the migrations: statements know the schema of their time. */
export class BatchStatements {
  readonly #statements: readonly { readonly run: Database.Statement; readonly arity: number }[]
  readonly #transaction: Database.Transaction<(cells: readonly Cell[]) => void>

  constructor(database: Database.Database) {
    this.#statements = OPERATION_NAMES.map((name) => {
      const operation: Operation = OPERATIONS[name]
      return { run: database.prepare(sqlOf(operation)), arity: operation.columns.length }
    })
    this.#transaction = database.transaction((cells) => {
      for (let at = 0; at < cells.length; ) {
        const statement = this.#statements[cells[at] as number]
        if (!statement) throw new Error(`A batch names the operation ${cells[at]}, which does not exist.`)
        const end = at + 1 + statement.arity
        statement.run.run(...cells.slice(at + 1, end))
        at = end
      }
    })
  }

  /** All of it in one transaction, or nothing. */
  write(cells: readonly Cell[]): void {
    // Immediate: the lock is waited for at the beginning, where waiting is possible.
    this.#transaction.immediate(cells)
  }
}

/** Exported for the benchmark, which compares with the same statement run bare. */
export function sqlOf(operation: Operation): string {
  switch (operation.does) {
    case 'releaseThread':
      return compiler
        .updateTable('sessions')
        .set({ thread_id: sql<null>`null` })
        .where('thread_id', '=', '')
        .where('id', '<>', '')
        .compile().sql
    case 'delete':
      return operation.columns
        .reduce(
          (query, column) => query.where(column as never, '=', '' as never),
          compiler.deleteFrom(operation.table as 'items'),
        )
        .compile().sql
    case 'put':
      return putSql(operation.table, operation.columns, operation.key)
  }
}

function putSql(table: keyof Tables, columns: readonly string[], key: readonly string[]): string {
  const row = Object.fromEntries(columns.map((column) => [column, '']))
  const replaced = columns.filter((column) => !key.includes(column))
  return compiler
    .insertInto(table as 'items')
    .values(row as unknown as InsertObject<Tables, 'items'>)
    .onConflict((conflict) =>
      conflict
        .columns(key as never)
        .doUpdateSet((eb) =>
          Object.fromEntries(replaced.map((column) => [column, eb.ref(`excluded.${column}` as never)])),
        ),
    )
    .compile().sql
}
