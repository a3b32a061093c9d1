/** The rooms of search: how far its index is, and the part of it that is made from rollouts nobody opened here. */
import type { SearchIndex } from '../../protocol/search.ts'
import { RolloutIndex, type RolloutIndexRooms } from './rollout-index.ts'

export class Search {
  readonly #rooms: RolloutIndexRooms
  readonly #rollouts: RolloutIndex

  constructor(rooms: RolloutIndexRooms) {
    this.#rooms = rooms
    this.#rollouts = new RolloutIndex(rooms)
  }

  /** Begin to index what others wrote, and go on as more comes. */
  start(): void {
    this.#rooms.adoption.onLooked = () => this.#rollouts.wake()
    this.#rollouts.wake()
  }

  close(): Promise<void> {
    return this.#rollouts.close()
  }

  async progress(): Promise<SearchIndex> {
    // Told to whoever searches, which must work also when the store does not.
    const textsWaiting = await this.#rooms.store.textsWaiting().catch(() => 0)
    const rollouts = this.#rollouts.progress
    return { isComplete: textsWaiting === 0 && rollouts.indexed === rollouts.total, textsWaiting, rollouts }
  }
}
