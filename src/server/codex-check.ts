/** What is known of the installed Codex. Looking starts a process, so it is done at start and again only when stale. */
import type { Clock } from '../base/clock.ts'
import type { CodexReport, Driver } from '../connectors/driver.ts'

const STALE_MS = 5 * 60_000

const UNKNOWN: CodexReport = {
  path: null,
  version: null,
  source: null,
  problem: 'not looked for yet',
  methods: [],
  canShare: null,
}

export class CodexCheck {
  readonly #driver: Driver
  readonly #clock: Clock
  #latest: CodexReport = UNKNOWN
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(driver: Driver, clock: Clock) {
    this.#driver = driver
    this.#clock = clock
  }

  /** The newest report; a stale one starts another look behind it. */
  get latest(): CodexReport {
    if (this.#clock.now() - this.#lookedAt > STALE_MS) void this.look()
    return this.#latest
  }

  async look(): Promise<CodexReport> {
    this.#lookedAt = this.#clock.now()
    this.#latest = await this.#driver.report()
    return this.#latest
  }
}
