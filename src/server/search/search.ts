/** How far the index of search is: the texts in the store, and the rollouts nobody opened here. */
import type { Store } from '../../persistence/store.ts'
import type { SearchIndex } from '../../protocol/search.ts'

export class Search {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async progress(): Promise<SearchIndex> {
    // Told to whoever searches, which must work also when the store does not.
    const textsWaiting = await this.#store.textsWaiting().catch(() => 0)
    const rollouts = { indexed: 0, total: 0, bytesIndexed: 0, bytesTotal: 0 }
    return { isComplete: textsWaiting === 0 && rollouts.indexed === rollouts.total, textsWaiting, rollouts }
  }
}
