/** Search, and the index behind it: what is in it of rollouts that are in no session's history. */
import { sessionScope } from '../encode.ts'
import { makePageToken, readNumberToken } from '../page-token.ts'
import type { RowReader } from '../row-reader.ts'
import { idOf } from '../search/index-texts.ts'
import type { Indexing } from '../search/indexing.ts'
import { dropRollout, dropRolloutTexts, indexedRollouts, rolloutState } from '../search/queries.ts'
import type { Searching } from '../search/searching.ts'
import { readTerms } from '../search/words.ts'
import type { Store } from '../store.ts'
import type { StoreThread } from '../thread.ts'
import type { WriteQueue } from '../write-queue.ts'

export type SearchReads = Pick<
  Store,
  'search' | 'textsWaiting' | 'loadIndexedRollouts' | 'loadIndexState' | 'indexRollout' | 'forgetRollout'
>

export interface SearchParts {
  readonly reader: RowReader
  readonly queue: WriteQueue
  readonly thread: StoreThread
  readonly indexing: Indexing
  readonly searching: Searching
}

export function searchReads({ reader, queue, thread, indexing, searching }: SearchParts): SearchReads {
  return {
    async search({ query, limit, pageToken, sessionIds, kinds, since, until, perSession }) {
      const token = readNumberToken('search', pageToken)
      const terms = readTerms(query)
      if (terms.length === 0 || sessionIds?.size === 0) return { rows: [], nextPageToken: null }
      // What was just said is to be found; where the disk does not take it, what was said before still is.
      await queue.flush().catch(() => {})
      await indexing.hurry().catch(() => {})
      const { hits, nextId } = await searching.find({
        terms,
        beforeId: Math.min(token ?? Number.MAX_SAFE_INTEGER, idOf(until ?? Number.MAX_SAFE_INTEGER)),
        fromId: idOf(since ?? 0),
        limit,
        sessionIds,
        kinds: kinds ?? null,
        perSession: perSession ?? null,
      })
      return { rows: hits, nextPageToken: nextId === null ? null : makePageToken('search', [nextId]) }
    },

    textsWaiting() {
      return indexing.waiting()
    },

    async loadIndexedRollouts() {
      const known = await reader.committed(indexedRollouts())
      return known.map(({ thread_id, session_id, stamp, is_whole }) => ({
        threadId: thread_id,
        sessionId: session_id,
        stamp,
        isWhole: is_whole === 1,
      }))
    },

    async loadIndexState(threadId) {
      const [row] = await reader.committed(rolloutState(threadId))
      return row?.read_state ? { stamp: row.stamp, state: JSON.parse(row.read_state) as unknown } : null
    },

    async indexRollout(piece) {
      // A session that is new must be there before what is said in it.
      await reader.settle(sessionScope(piece.sessionId))
      return thread.request({ kind: 'indexRollout', piece })
    },

    async forgetRollout(threadId, sessionId) {
      // The texts first: interrupted in between, it is done once more.
      await reader.run(dropRolloutTexts(sessionId))
      await reader.run(dropRollout(threadId))
    },
  }
}
