/** What was last said of the daemon of one home. It says so again only when the state or its sentence is another. */
import type { Clock } from '../../base/clock.ts'
import type { DaemonHealth, DaemonState } from './health.ts'
import type { DaemonLink } from './link.ts'

export interface HealthListener {
  /** Called whenever the state or its sentence changes. */
  health(health: DaemonHealth): void
}

export class HealthReport {
  readonly #clock: Clock
  readonly #listener: HealthListener
  #health: DaemonHealth
  #isOver = false

  constructor(codexHome: string, clock: Clock, listener: HealthListener) {
    this.#clock = clock
    this.#listener = listener
    this.#health = {
      codexHome,
      state: 'absent',
      sentence: 'No Codex daemon was looked for yet.',
      since: clock.now(),
      codexVersion: null,
      pid: null,
    }
  }

  get health(): DaemonHealth {
    return this.#health
  }

  /** @param link what there is of a connection */
  say(state: DaemonState, sentence: string, link: DaemonLink | null = null): void {
    const health = this.#health
    if (this.#isOver || (health.state === state && health.sentence === sentence)) return
    this.#health = {
      codexHome: health.codexHome,
      state,
      sentence,
      since: health.state === state ? health.since : this.#clock.now(),
      codexVersion: link?.connection.server.version ?? null,
      pid: link?.connection.pid ?? null,
    }
    this.#listener.health(this.#health)
  }

  /** Nothing is said from here on. */
  end(): void {
    this.#isOver = true
  }

  sayConnected(link: DaemonLink): void {
    const { version } = link.connection.server
    this.say('connected', `The Codex daemon${version === null ? '' : ` ${version}`} is joined.`, link)
  }
}
