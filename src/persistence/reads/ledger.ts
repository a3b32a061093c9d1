/** What the hub keeps beside the sessions: processes, rollouts, queues, receipts, attention. */
import * as decode from '../decode.ts'
import { ATTENTION_SCOPE, DROPPED_SCOPE, PROCESS_SCOPE, RECEIPT_SCOPE, ROLLOUT_SCOPE } from '../encode.ts'
import { QUEUE_SCOPE } from '../encode-queue.ts'
import * as queries from '../queries.ts'
import { decodeAll, type RowReader } from '../row-reader.ts'
import type { Store } from '../store.ts'

export type LedgerReads = Pick<
  Store,
  | 'loadProcesses'
  | 'loadRollouts'
  | 'loadDropped'
  | 'loadReadState'
  | 'loadQueues'
  | 'loadQueuePrompt'
  | 'loadReceipt'
  | 'settleReceipts'
  | 'loadAttention'
>

export function ledgerReads(reader: RowReader): LedgerReads {
  return {
    async loadProcesses() {
      return (await reader.all(PROCESS_SCOPE, queries.processes())).map(decode.decodeProcess)
    },

    async loadRollouts() {
      return decodeAll(await reader.all(ROLLOUT_SCOPE, queries.rollouts()), decode.decodeRollout)
    },

    async loadDropped() {
      return (await reader.all(DROPPED_SCOPE, queries.droppedThreads())).map(decode.decodeDropped)
    },

    async loadReadState(threadId) {
      const row = await reader.first(ROLLOUT_SCOPE, queries.readState(threadId))
      return row?.read_state ? (JSON.parse(row.read_state) as unknown) : null
    },

    async loadQueues() {
      const [queues, entries] = await Promise.all([
        reader.all(QUEUE_SCOPE, queries.queues()),
        reader.all(QUEUE_SCOPE, queries.queueEntries()),
      ])
      return decode.decodeQueues(queues, entries)
    },

    async loadQueuePrompt(sessionId, entryId) {
      const row = await reader.first(QUEUE_SCOPE, queries.queuePrompt(sessionId, entryId))
      return row ? decode.decodePrompt(row) : null
    },

    async loadReceipt(commandId) {
      const row = await reader.first(RECEIPT_SCOPE, queries.receipt(commandId))
      return row ? decode.decodeReceipt(row) : null
    },

    async settleReceipts() {
      await reader.settle(RECEIPT_SCOPE)
      return reader.run(queries.settleReceipts())
    },

    async loadAttention() {
      return (await reader.all(ATTENTION_SCOPE, queries.attention())).map(decode.decodeAttention)
    },
  }
}
