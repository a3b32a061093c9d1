/** Numbers that a seed decides. Whatever a round leaves to chance is drawn from here, so that its seed repeats it. */

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
    // Neighbouring seeds begin alike; a few draws part them.
    for (let count = 0; count < 8; count += 1) this.next()
  }

  /** In [0, 1): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.int(0, from.length - 1)]
    if (picked === undefined) throw new Error('nothing to pick from')
    return picked
  }

  /** One of them, those with more weight more often. */
  weighted<T extends { readonly weight: number }>(from: readonly T[]): T {
    let place = this.next() * from.reduce((sum, { weight }) => sum + weight, 0)
    for (const entry of from) {
      place -= entry.weight
      if (place < 0) return entry
    }
    return this.pick(from)
  }

  /** A source of its own for a part of the round whose draws must not depend on when it runs. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32))
  }
}
