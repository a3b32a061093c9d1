/**
 * Tells others of what asks for a person: a command that is run, an address that is posted to. Each need is told once by
 * each, a few at a time, with retries where that can help; a hook that fails costs the hub nothing but a line in the log.
 */
import { createHmac } from 'node:crypto'
import { execa } from 'execa'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { AttentionEntry } from '../../protocol/attention.ts'
import type { Config } from '../config.ts'

type HooksConfig = Config['attention']
type Webhook = HooksConfig['webhooks'][number]

export interface HooksOptions {
  readonly config: HooksConfig
  readonly clock: Clock
  readonly log: Log
}

const COMMAND_MS = 30_000
const POST_MS = 10_000
/** Waits before a post is tried again. Milliseconds. */
const RETRY_MS = [1_000, 5_000, 30_000, 120_000, 600_000]
/** Posts that may wait for another try; while so many do, the next one that fails is given up. */
const MAX_WAITING = 100

export class Hooks {
  readonly #options: HooksOptions
  readonly #timers = new Set<Timer>()
  readonly #running = new AbortController()

  constructor(options: HooksOptions) {
    this.#options = options
  }

  tell(entry: AttentionEntry): void {
    const { commands, webhooks } = this.#options.config
    const wants = ({ kinds }: { kinds?: readonly string[] | undefined }) =>
      !kinds || kinds.includes(entry.kind)
    for (const hook of commands) if (wants(hook)) void this.#run(hook.command, entry)
    for (const hook of webhooks) if (wants(hook)) void this.#post(hook, entry, 0)
  }

  /** Stop what runs and forget what waits. */
  close(): void {
    this.#running.abort()
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }

  /** Once: it may have done its work and failed after it. */
  async #run([program = '', ...args]: readonly string[], entry: AttentionEntry): Promise<void> {
    try {
      await execa(program, args, {
        input: `${JSON.stringify(entry)}\n`,
        env: {
          CODEX_HUB_KIND: entry.kind,
          CODEX_HUB_SESSION: entry.sessionId,
          CODEX_HUB_TITLE: entry.title,
          CODEX_HUB_TEXT: entry.text,
        },
        stdout: 'ignore',
        timeout: COMMAND_MS,
        cancelSignal: this.#running.signal,
      })
    } catch (error) {
      if (!this.#running.signal.aborted)
        this.#options.log.warn({ err: error, program }, 'a hook command failed')
    }
  }

  async #post(hook: Webhook, entry: AttentionEntry, tries: number): Promise<void> {
    const { clock, log } = this.#options
    const host = new URL(hook.url).host
    const failure = await this.#send(hook, entry)
    if (failure === null || this.#running.signal.aborted) return
    const waitMs = RETRY_MS[tries]
    if (!failure.isWorthRetrying || waitMs === undefined || this.#timers.size >= MAX_WAITING) {
      log.warn({ host, key: entry.key, tries: tries + 1, reason: failure.reason }, 'a webhook was given up')
      return
    }
    const timer = clock.after(waitMs, () => {
      this.#timers.delete(timer)
      void this.#post(hook, entry, tries + 1)
    })
    this.#timers.add(timer)
  }

  async #send(
    { url, secret }: Webhook,
    entry: AttentionEntry,
  ): Promise<{ readonly reason: string; readonly isWorthRetrying: boolean } | null> {
    const body = JSON.stringify({
      type: `attention.${entry.kind}`,
      timestamp: new Date(entry.raisedAt),
      data: entry,
    })
    const headers = signed(entry.key, this.#options.clock.now(), body, secret)
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(POST_MS), this.#running.signal])
      const response = await fetch(url, { method: 'POST', body, headers, signal, redirect: 'error' })
      await response.body?.cancel()
      if (response.ok) return null
      const { status } = response
      return {
        reason: `status ${status}`,
        isWorthRetrying: status === 408 || status === 429 || status >= 500,
      }
    } catch (error) {
      const { message, cause } = error as Error
      return { reason: cause instanceof Error ? cause.message : message, isWorthRetrying: true }
    }
  }
}

/** The headers of the Standard Webhooks specification, https://www.standardwebhooks.com, signature version 1. */
export function signed(id: string, at: number, body: string, secret: string): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000))
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  }
}
