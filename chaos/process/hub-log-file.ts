/** The log that the hubs of a round wrote, one after the other. */
import { readFileSync } from 'node:fs'

const MOST_LENGTH = 1_000
/** How much of it explains a broken promise. Lines. */
const NEWEST = 400

export class HubLogFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** What no hub should have to write. */
  complaints(): readonly string[] {
    return this.#lines().filter((line) => line.includes('"level":50') || line.includes('"level":60'))
  }

  newest(): readonly string[] {
    return this.#lines().slice(-NEWEST)
  }

  #lines(): string[] {
    const lines = readFileSync(this.#path, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => line.slice(0, MOST_LENGTH))
  }
}
