/**
 * The store on disk: one SQLite file in the data folder, open in a thread of its own. Here writes are queued and the parts
 * of the store are put together; `reads/` has what is asked of it. This thread never touches the file.
 */
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Change } from './change.ts'
import { encodeChange } from './encode.ts'
import { toStoreError } from './fault.ts'
import { FaultListeners } from './fault-listeners.ts'
import { agentReads } from './reads/agents.ts'
import { historyReads } from './reads/history.ts'
import { ledgerReads } from './reads/ledger.ts'
import { searchReads } from './reads/search.ts'
import { sessionReads } from './reads/sessions.ts'
import { RowReader } from './row-reader.ts'
import { Indexing } from './search/indexing.ts'
import { Searching } from './search/searching.ts'
import type { Store } from './store.ts'
import { StoreError } from './store-error.ts'
import { StoreThread } from './thread.ts'
import { Upkeep } from './upkeep.ts'
import { WriteQueue } from './write-queue.ts'

export interface OpenStoreOptions {
  /** The data folder; made when it is missing. The database is `hub.sqlite` in it. */
  readonly folder: string
  readonly log: Log
  readonly clock: Clock
  /** One that loads already; otherwise one is started. */
  readonly worker?: Worker | undefined
  /** For tests: a limit of the file's size in pages of 4 KiB, and another program for the store's thread. */
  readonly trial?: { readonly maxPages?: number; readonly program?: URL }
}

/** @throws StoreError `corrupt`, `newerDatabase`, `busy`, `readOnly`, `full`, `failed`. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { folder, log, clock, trial } = options
  const file = join(folder, 'hub.sqlite')
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw toStoreError(error, file)
  })
  const thread = new StoreThread(
    { kind: 'open', file, maxPages: trial?.maxPages ?? null },
    trial?.program,
    options.worker,
  )
  const { schemaVersion, applied, backup } = await thread.start()
  if (applied.length > 0) log.info({ file, applied, backup }, 'the database was brought to the newest schema')
  const upkeep = new Upkeep(thread, clock, log)
  const indexing = new Indexing(thread, clock, log)
  const searching = new Searching(file, trial?.program, clock)
  const faults = new FaultListeners(file, log)
  const queue = new WriteQueue({
    clock,
    send: async (cells) => {
      const answer = await thread.request({ kind: 'write', cells })
      upkeep.committed()
      indexing.wake()
      return answer
    },
    onFault: (fault) => faults.tell(fault),
  })
  const reader = new RowReader(thread, queue)
  upkeep.prune()
  indexing.wake()
  let closing: Promise<void> | null = null

  async function close(): Promise<void> {
    upkeep.stop()
    indexing.stop()
    await searching.close()
    try {
      await queue.flush()
      await thread.request({ kind: 'checkpoint', mode: 'truncate' })
      await thread.request({ kind: 'close' })
    } catch (error) {
      const { queuedChanges } = queue.stats()
      log.error({ error, queuedChanges }, 'the store could not be closed in order')
      throw error
    } finally {
      queue.stop()
      await thread.end()
    }
  }

  return {
    ...sessionReads(reader),
    ...historyReads(reader),
    ...ledgerReads(reader),
    ...agentReads(reader),
    ...searchReads({ reader, queue, thread, indexing, searching }),

    write(...changes: readonly Change[]) {
      if (closing) throw new StoreError('failed', 'The store is closed; nothing more can be written.')
      // All are encoded before the first is queued: a value that is no JSON fails its caller and leaves nothing half done.
      queue.add(changes.flatMap(encodeChange))
    },

    flush: () => queue.flush(),
    onFault: (listener) => faults.add(listener),

    async stats() {
      const [databaseBytes, walBytes] = await Promise.all([sizeOf(file), sizeOf(`${file}-wal`)])
      return { databaseBytes, walBytes, ...queue.stats(), schemaVersion }
    },

    close() {
      closing ??= close()
      return closing
    },
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}
