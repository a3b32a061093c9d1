/** The rooms of a running hub that handlers and HTTP routes reach into. Built once by `hub.ts`. */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Driver } from '../connectors/driver.ts'
import type { Store } from '../persistence/store.ts'
import type { Adoption } from './adoption/adoption.ts'
import type { Agents } from './agents/agents.ts'
import type { AttentionLog } from './attention/attention-log.ts'
import type { Checkpoints } from './checkpoints/checkpoints.ts'
import type { Clients } from './client/clients.ts'
import type { CodexCheck } from './codex-check.ts'
import type { Receipts } from './commands/receipts.ts'
import type { Exports } from './export/export.ts'
import type { Imports } from './import/import.ts'
import type { Uploads } from './import/uploads.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { Ledger } from './ledger.ts'
import type { QueueSender } from './queue-sender.ts'
import type { Registry } from './registry.ts'
import type { Search } from './search/search.ts'
import type { Worktrees } from './worktrees/worktrees.ts'

export interface HubRooms {
  readonly hubId: string
  /** The data folder. */
  readonly folder: string
  /** What `~` stands for. */
  readonly home: string
  readonly version: string
  readonly startedAt: number
  readonly clock: Clock
  readonly log: Log
  readonly store: Store
  readonly driver: Driver
  readonly codex: CodexCheck
  readonly registry: Registry
  readonly queues: QueueSender
  readonly checkpoints: Checkpoints
  readonly adoption: Adoption
  readonly attention: AttentionLog
  readonly search: Search
  readonly exports: Exports
  readonly imports: Imports
  readonly uploads: Uploads
  readonly worktrees: Worktrees
  readonly agents: Agents
  readonly receipts: Receipts
  readonly clients: Clients
  readonly jobs: Jobs
  readonly ledger: Ledger
  isClosing(): boolean
  /** Begin to stop, as `hub/shutdown` asks. */
  shutDown(stopSessions: boolean): void
}
