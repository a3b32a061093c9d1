/**
 * Turn ids that are unique for good. Up to 0.98 Codex counts turns from 0 in each process, so two processes of one
 * thread use the same ids; such an id is qualified with the instance. UUIDs pass unchanged.
 */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export class TurnIds {
  readonly #prefix: string
  // Thousands of deltas in a row carry the same id: the last answer is nearly always the next.
  #lastRaw = ''
  #lastQualified = ''

  constructor(instance: string) {
    this.#prefix = `${instance}:`
  }

  /** Codex's id as the rest of the hub knows it. */
  qualify(raw: string): string {
    if (raw === this.#lastRaw) return this.#lastQualified
    this.#lastRaw = raw
    this.#lastQualified = isStableTurnId(raw) ? raw : this.#prefix + raw
    return this.#lastQualified
  }

  /** The id as Codex knows it. */
  raw(id: string): string {
    return id.startsWith(this.#prefix) ? id.slice(this.#prefix.length) : id
  }
}

export function isStableTurnId(id: string): boolean {
  return UUID.test(id)
}
