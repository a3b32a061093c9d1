/**
 * The life machines of all sessions, each made at its first event: a dormant session needs none. Nobody else sends events
 * into them.
 */
import { type Actor, createActor, fromPromise } from 'xstate'
import type { Log } from '../../base/log.ts'
import { type LifeEvent, lifeMachine, phaseOf, type Rest } from './machine.ts'
import type { Session } from './session.ts'

type LifeActor = Actor<typeof lifeMachine>

export class Lives {
  readonly #log: Log
  readonly #actors = new Map<string, LifeActor>()
  /** One for all: XState builds its nodes and remembers its transitions for each machine, 25 KB of them. */
  readonly #machine: typeof lifeMachine
  /** No door is opened or shut by a machine from here on. */
  isClosing = false

  /** @param sessions where actors find the session whose id they have */
  constructor(log: Log, sessions: ReadonlyMap<string, Session>) {
    this.#log = log
    const sessionOf = (sessionId: string): Session => {
      const session = sessions.get(sessionId)
      if (!session) throw new Error(`Session ${sessionId} is gone; nothing is opened or stopped for it.`)
      return session
    }
    this.#machine = lifeMachine.provide({
      actors: {
        open: fromPromise(async ({ input }) => sessionOf(input.sessionId).open(input.how)),
        stop: fromPromise(async ({ input }) => sessionOf(input.sessionId).stop(input.force)),
      },
    })
  }

  send(session: Session, event: LifeEvent): void {
    if (this.isClosing && (event.type === 'open' || !this.#actors.has(session.id))) return
    this.#actorOf(session).send(event)
  }

  /** Stop what runs for a session; resolves when nothing does. */
  stop(
    session: Session,
    { force = false, rest = 'closed' }: { force?: boolean; rest?: Rest },
  ): Promise<void> {
    const actor = this.#actorOf(session)
    return new Promise((resolve) => {
      const ask = (): void => actor.send({ type: 'stop', force, rest })
      const subscription = actor.subscribe({
        next: ({ value }) => {
          if (value === rest || value === 'failed') {
            subscription.unsubscribe()
            resolve()
          } else if (value !== 'stopping') {
            // It was being stopped already, for another rest.
            ask()
          }
        },
        // The session is no more, or its machine: nobody else would tell whoever waits.
        complete: resolve,
        error: () => resolve(),
      })
      ask()
    })
  }

  /** The session is no more. */
  end(sessionId: string): void {
    this.#actors.get(sessionId)?.stop()
    this.#actors.delete(sessionId)
  }

  endAll(): void {
    for (const actor of this.#actors.values()) actor.stop()
    this.#actors.clear()
  }

  #actorOf(session: Session): LifeActor {
    const known = this.#actors.get(session.id)
    if (known) return known
    const actor = createActor(this.#machine, { id: session.id, input: {} })
    // Started before anybody listens: its first state is not news.
    actor.start()
    actor.subscribe({
      next: (snapshot) => session.facts.phaseChanged(phaseOf(snapshot.value)),
      error: (error) => {
        // XState stops an actor that throws. Its facts are elsewhere, so a new one takes its place.
        this.#log.error({ err: error, sessionId: session.id }, 'a life machine stopped; starting anew')
        this.#actors.delete(session.id)
        session.facts.phaseChanged('failed')
      },
    })
    this.#actors.set(session.id, actor)
    return actor
  }
}
