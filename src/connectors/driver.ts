/** How the hub obtains driven connectors and keeps account of the processes behind them (L16). */
import type { SettingsRequest } from '../protocol/settings.ts'
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
  /** Stop a process of ours that no session needs. */
  reap(process: ProcessRecord): Promise<void>
  listModels(includeHidden: boolean): ReturnType<Connector['listModels']>
  /** Ask an app-server that has no thread of ours, started when it is needed. @throws ConnectorError */
  ask<T>(question: (line: HomeLine) => Promise<T>, codexHome?: string | null): Promise<T>
  report(): Promise<CodexReport>
  /** Let go of helper processes the driver keeps for itself. */
  close(): Promise<void>
}
