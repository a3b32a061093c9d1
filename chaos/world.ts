/** What a round plays in: a hub, the Codex behind it, and what can befall both. */
import type { Script } from '../src/demo/scripted-model.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

/** Something that can go wrong, by chance as often as its weight says. */
export interface Fault {
  readonly kind: string
  readonly weight: number
  /** Make it happen. @returns false where there was nothing it could happen to */
  inject(): Promise<boolean> | boolean
}

/** A turn as Codex itself remembers it. */
export interface TrueTurn {
  readonly id: string
  readonly status: 'completed' | 'interrupted' | 'failed'
  readonly prompts: readonly string[]
  /** Of the agent's messages, in order. */
  readonly texts: readonly string[]
  readonly itemIds: readonly string[]
}

export interface World {
  readonly kind: 'quick' | 'process'
  readonly project: string
  /** How long a fact may take here before its absence is a fault. Milliseconds. */
  readonly patienceMs: number
  /** Where the hub listens now; null while there is none. */
  readonly address: { readonly port: number; readonly token: string } | null
  readonly faults: readonly Fault[]
  /** Undo what is still wrong: go on what was stopped, free what was locked, start what is down. */
  heal(): Promise<void>
  /** Replace the hub by another one: killed, or stopped in order. */
  restart(how: 'kill' | 'stop'): Promise<void>
  /** The ended turns of a thread by Codex's own record, oldest first; null where it has none. */
  truth(threadId: string): Promise<readonly TrueTurn[] | null>
  /** What the hub wrote into its log that it should never have to write. */
  complaints(): readonly string[]
  /** How everything behind the hub is now, in lines, for whoever looks for the cause of a broken promise. */
  account(): readonly string[]
  /** Resident bytes of the hub. */
  residentBytes(): number
  /** End everything. @returns what is left that should not be */
  close(): Promise<readonly string[]>
}

export interface WorldOptions {
  readonly script: Script
  readonly random: Random
  /** How long one piece of an answer may be. */
  readonly bigBytes: number
  readonly timeline: Timeline
  /** Told where the hub listens whenever that changes; null while it is away. */
  readonly moved: (port: number | null) => void
}

export type OpenWorld = (options: WorldOptions) => Promise<World>
