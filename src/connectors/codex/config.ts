import type { Isolation } from '../../protocol/summary.ts'

/** What the hub's owner may say about Codex. */
export interface CodexConfig {
  /** The Codex to run; otherwise the one on PATH, otherwise the bundled one. */
  readonly codexPath?: string
  /** `CODEX_HOME` of the children; otherwise Codex's own default. */
  readonly codexHome?: string
  readonly transport?: 'auto' | 'socket' | 'stdio'
  /** Whether each session has a process of its own, which is so by default, where it says nothing itself. */
  readonly isolation?: Isolation
  /** Added to the hub's environment for the children. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Time without a hub after which its socket children end by themselves. */
  readonly graceMs?: number
  /** Time a child has for its running turn when it is stopped. */
  readonly finishTurnMs?: number
  readonly startupTimeoutMs?: number
  /** For how long an app-server waits for the next session after one was opened; none does where it is 0 or missing. */
  readonly spareMs?: number
}
