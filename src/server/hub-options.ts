/** What a hub is started with, and what a running one can be asked. */
import type { Worker } from 'node:worker_threads'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Driver } from '../connectors/driver.ts'
import type { openStore } from '../persistence/open-store.ts'
import type { OutboxLimits } from './client/outbox.ts'
import type { Config } from './config.ts'
import type { AgentDoor, AgentDoorSite } from './http/agent-door.ts'
import type { Ledger } from './ledger.ts'

export interface HubOptions {
  /** The data folder; made when it is missing. */
  readonly folder: string
  readonly config: Config
  readonly version: string
  /** What `~` stands for to its clients; otherwise the home of the user who runs it. */
  readonly home?: string
  /** Otherwise `<folder>/hub.log`. */
  readonly log?: Log
  readonly clock?: Clock
  /** Otherwise the real Codex. */
  readonly makeDriver?: (ledger: Ledger, hubId: string) => Driver
  readonly outboxLimits?: OutboxLimits
  /** Otherwise the database in the folder; for tests of disks that fail. */
  readonly openStore?: typeof openStore
  /** The thread of the store, loading already; otherwise it is started when it is needed. */
  readonly storeWorker?: Worker
  /** Otherwise the compiled page of this clone or package. */
  readonly pageFolder?: string
  /** Serves agents at `/mcp`; otherwise nothing is there. */
  readonly makeAgentDoor?: (site: AgentDoorSite) => AgentDoor
}

export interface RunningHub {
  readonly url: string
  readonly token: string
  readonly pid: number
  /** Settled once every process of an earlier hub is joined or gone. */
  readonly settled: Promise<void>
  /** Settled once every session others started is known by name. */
  readonly adopted: Promise<void>
  /** Settled when the hub is down, whoever asked for it. */
  readonly closed: Promise<void>
  /** Stop. Sessions on sockets go on without the hub unless `stopSessions`. Repeated calls share the first. */
  close(options?: { stopSessions?: boolean }): Promise<void>
}
