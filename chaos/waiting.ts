/** Waiting on facts. A fact that does not come is a violation, told with what was there instead. */
import { setTimeout as delay } from 'node:timers/promises'

/** A broken promise of the hub; `rule` names which. */
export class Violation extends Error {
  override readonly name = 'Violation'
  readonly rule: string

  constructor(rule: string, message: string) {
    super(message)
    this.rule = rule
  }
}

/** Resolves once `holds` does. @throws Violation of `rule` after `limitMs` */
export async function waitFor(
  rule: string,
  holds: () => boolean | Promise<boolean>,
  instead: () => string,
  limitMs: number,
): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Violation(rule, `not within ${limitMs} ms: ${instead()}`)
    await delay(10)
  }
}

/** Settles as `promise` does. @throws Violation of `rule` after `limitMs` */
export async function within<T>(
  rule: string,
  what: string,
  promise: Promise<T>,
  limitMs: number,
): Promise<T> {
  const stop = new AbortController()
  const late = delay(limitMs, undefined, { signal: stop.signal }).then(() => {
    throw new Violation(rule, `${what}: not within ${limitMs} ms`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    stop.abort()
  }
}
