/** An entry of a batch: what is written of one thing, with what is needed to merge, bound and order it. */
import { type Cell, NUMBER_OF, type OperationName } from './operations.ts'

/** One thing to write. Of entries with the same key in one batch only the last is kept. */
export interface Entry {
  readonly key: string
  /** Operation numbers, each followed by its parameters. */
  readonly cells: readonly Cell[]
  /** An estimate: UTF-16 units of all texts and a little for each entry. */
  readonly bytes: number
  /** What a read must share with this entry to be concerned by it. */
  readonly scopes: readonly string[]
  /** Nothing written later may be merged into what came before this entry. */
  readonly isBarrier: boolean
}

const ENTRY_BYTES = 128

export function makeEntry(
  key: string,
  scopes: readonly string[],
  cells: readonly Cell[],
  isBarrier = false,
): Entry {
  let bytes = ENTRY_BYTES
  for (const cell of cells) if (typeof cell === 'string') bytes += cell.length
  return { key, scopes, cells, bytes, isBarrier }
}

export const operation = (name: OperationName, cells: readonly Cell[]): Cell[] => [NUMBER_OF[name], ...cells]

/** Null and undefined are kept as SQL null. */
export const json = (value: unknown): string | null => JSON.stringify(value ?? undefined) ?? null
