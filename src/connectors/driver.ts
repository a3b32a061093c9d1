/** How the hub obtains driven connectors and keeps account of the processes behind them (L16). */
import type { Identity } from '../base/process-identity.ts'
import type { SettingsRequest } from '../protocol/settings.ts'
import type { Isolation } from '../protocol/summary.ts'
import type { HomeLine } from './codex/requests.ts'
import type { Connector, ConnectorSink } from './connector.ts'
import type { HistoryTurn } from './event.ts'

/** One child process, as the ledger knows it. Written before the handshake, so that no crash leaves it unknown. */
export interface ProcessRecord {
  readonly id: string
  readonly pid: number
  /** The system's own start time of the pid, in its units, as text: proves that the pid is still this process. */
  readonly startToken: string
  /** Unix socket it listens on; null for stdio. */
  readonly socketPath: string | null
  readonly sessionId: string | null
  /** Of sessions that share it: names the home and configuration they have in common; null for one of its own. */
  readonly sharedBy: string | null
  /** Ends it when no hub comes back; null where it ends with its hub, or an earlier release did not note it down. */
  readonly warden: Identity | null
  /** The hub that started it. */
  readonly hubId: string
  readonly codexPath: string
  readonly codexVersion: string | null
  readonly codexHome: string | null
  readonly startedAt: number
}

export interface ProcessLedger {
  /** Resolves once the record is on disk. */
  record(process: ProcessRecord): Promise<void>
  /** The process is known to be gone. */
  forget(id: string): void
}

export interface OpenOptions {
  readonly sessionId: string
  readonly cwd: string
  readonly settings: SettingsRequest
  /** The `CODEX_HOME` the thread belongs to; null for the one that is configured. */
  readonly codexHome?: string | null
  /** Whether the session has a process of its own; otherwise as it is configured. */
  readonly isolation?: Isolation | null
  readonly sink: ConnectorSink
}

/** What `hub/status` and `doctor` say about the installed Codex. */
export interface CodexReport {
  readonly path: string | null
  readonly version: string | null
  /** `configured`, `path` or `bundled`. */
  readonly source: string | null
  readonly problem: string | null
  readonly methods: readonly string[]
  /** Whether sessions can share a process of it; null where they are not configured to. */
  readonly canShare: boolean | null
}

export interface Driver {
  /** Start a new thread. @throws ConnectorError */
  create(options: OpenOptions): Promise<Connector>
  /** Resume a thread in a new child. @throws ConnectorError; never starts a new thread instead (L17). */
  resume(threadId: string, options: OpenOptions): Promise<Connector>
  /**
   * Start a new thread in a new child with the past of another one, whoever has that open.
   * @throws ConnectorError `unsupported` where this release cannot
   */
  fork(threadId: string, options: OpenOptions & { readonly lastTurnId?: string }): Promise<Connector>
  /** A process of an earlier hub that sessions share runs on: whoever needs one on its home joins it. */
  know(process: ProcessRecord): void
  /** The threads that a process which sessions share has open. @throws ConnectorError when it is not there or not ours. */
  threadsOf(process: ProcessRecord): Promise<readonly string[]>
  /** Whether a process of ours, which goes on for others, has the thread open although its session has let go of it. */
  holds(threadId: string): boolean
  /** Told when such a process lets go of a thread. */
  onUnloaded: (threadId: string) => void
  /** Join a child of an earlier hub that still runs. @throws ConnectorError when it is not there or not ours. */
  rejoin(process: ProcessRecord, threadId: string, options: OpenOptions): Promise<Connector>
  /** The newest turns of a thread nobody drives here, oldest first; read without taking its writer lock. */
  readHistory(
    threadId: string,
    options: { maxTurns: number; codexHome?: string | null },
  ): Promise<readonly HistoryTurn[]>
  /** Name a thread nobody drives here; works without its writer lock. */
  rename(threadId: string, name: string, codexHome?: string | null): Promise<void>
  /** True when the record's process still runs (same pid, same start time). */
  isAlive(process: ProcessRecord): Promise<boolean>
  /** End the thread's own process, where its connection was lost and it goes on: it would hold the thread for nobody. */
  endStray(threadId: string | null): Promise<void>
  /** Stop a process of ours that no session needs; one that a session came to meanwhile goes on. */
  reap(process: ProcessRecord): Promise<void>
  listModels(includeHidden: boolean): ReturnType<Connector['listModels']>
  /**
   * Ask an app-server that has no thread of ours, started when it is needed; about a thread that a process of ours has open
   * without a session, ask that one. @throws ConnectorError
   */
  ask<T>(
    question: (line: HomeLine) => Promise<T>,
    codexHome?: string | null,
    threadId?: string | null,
  ): Promise<T>
  report(): Promise<CodexReport>
  /** Let go of helper processes the driver keeps for itself. */
  close(): Promise<void>
}
