/** Turns of the scripted model that go on until the test lets them: a step `{ until: held.wait() }`, then `held.goOn()`. */
export class HeldTurns {
  readonly #waiting: (() => void)[] = []

  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** All that wait by now. */
  goOn(): void {
    for (const release of this.#waiting.splice(0)) release()
  }
}
