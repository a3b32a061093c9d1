/** What the hub remembers of each rollout: whose it is, what it was like, how far it was read. Kept as in the store. */
import type { Change } from '../../persistence/change.ts'
import type { Store } from '../../persistence/store.ts'
import type { StoredRollout, StoredSession } from '../../persistence/stored.ts'
import type { Phase } from '../../protocol/summary.ts'

const IN_TURN: readonly Phase[] = ['starting', 'working', 'awaitingApproval']

export class KnownRollouts {
  readonly #rollouts = new Map<string, StoredRollout>()
  readonly #unfinished = new Set<string>()
  readonly #store: Store

  /** @param sessions as an earlier hub left them */
  constructor(store: Store, stored: readonly StoredRollout[], sessions: readonly StoredSession[]) {
    this.#store = store
    for (const rollout of stored) this.#rollouts.set(rollout.threadId, rollout)
    // What the hub's own child was at is read back from Codex, by whoever goes on with it: nobody else may be there.
    for (const { summary } of sessions)
      if (summary.threadId !== null && summary.door !== 'driven' && IN_TURN.includes(summary.phase))
        this.#unfinished.add(summary.threadId)
  }

  /** Its session was in a turn when the daemon that ran it went out of sight. */
  leaveUnfinished(threadId: string): void {
    this.#unfinished.add(threadId)
  }

  /** Whether its session was in a turn when it, or an earlier hub, saw no more of it. True once. */
  takeUnfinished(threadId: string): boolean {
    return this.#unfinished.delete(threadId)
  }

  get(threadId: string): StoredRollout | undefined {
    return this.#rollouts.get(threadId)
  }

  /** How far a thread was read; null when it must be read, or compared, from its start. */
  async checkpointOf(threadId: string): Promise<unknown> {
    return this.#rollouts.has(threadId) ? this.#store.loadReadState(threadId) : null
  }

  put(rollout: StoredRollout): void {
    this.#rollouts.set(rollout.threadId, rollout)
    this.#store.write({ kind: 'rollout', rollout })
  }

  /** The change that says how far a thread was read, for the transaction in which what was read is stored (L11). */
  read(threadId: string, checkpoint: unknown, stamp: string | null): Change[] {
    const known = this.#rollouts.get(threadId)
    if (!known) return []
    const readStamp = checkpoint === null ? null : (stamp ?? known.readStamp)
    const rollout = { ...known, stamp: stamp ?? known.stamp, readStamp }
    this.#rollouts.set(threadId, rollout)
    return [{ kind: 'rollout', rollout: { ...rollout, readState: checkpoint } }]
  }

  remove(threadId: string): void {
    if (this.#rollouts.delete(threadId)) this.#store.write({ kind: 'rolloutGone', threadId })
  }
}
