/**
 * What the hub has acknowledged to the clients of a round, and what it refused. This is the round's own account: nothing
 * in it is read back from the hub.
 */

import type { Timeline } from './timeline.ts'

/** `unknown`: no answer, or one that leaves it open. */
export type Outcome = 'pending' | 'done' | 'refused' | 'unknown'

/** One command with the answer it got. */
export interface Command {
  readonly id: string
  /** Its place in the round. */
  readonly number: number
  readonly method: string
  readonly params: Record<string, unknown>
  outcome: Outcome
  answer: unknown
}

export interface Prompt {
  readonly name: string
  readonly text: string
  readonly command: Command
}

/** A value that commands replace: what it may be now. */
export class Replaced {
  #candidates: (string | null)[] = [null]
  isBusy = false

  /** @param outcome of the command that would have set it to `value` */
  settled(value: string, outcome: Outcome): void {
    if (outcome === 'done') this.#candidates = [value]
    else this.#candidates.push(value)
  }

  /** Null stands for whatever it was before anybody replaced it. */
  get candidates(): readonly (string | null)[] {
    return this.#candidates
  }
}

export interface SessionFacts {
  readonly id: string
  readonly prompts: Prompt[]
  readonly name: Replaced
  readonly model: Replaced
  /** Approval ids to the choice that was acknowledged. */
  readonly decisions: Map<string, string>
}

export class Facts {
  /** All that were seen, whoever began them. */
  readonly sessions = new Map<string, SessionFacts>()
  /** Those whose making was acknowledged. */
  readonly made = new Set<string>()
  readonly commands: Command[] = []
  readonly timeline: Timeline
  #names = 0

  constructor(timeline: Timeline) {
    this.timeline = timeline
  }

  /** A name that nothing else in the round has. */
  mintName(): string {
    this.#names += 1
    return `n${this.#names}z`
  }

  session(id: string): SessionFacts {
    const known = this.sessions.get(id)
    if (known) return known
    const facts: SessionFacts = {
      id,
      prompts: [],
      name: new Replaced(),
      model: new Replaced(),
      decisions: new Map(),
    }
    this.sessions.set(id, facts)
    return facts
  }
}
