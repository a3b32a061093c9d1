/**
 * The door of one session: the connector it has now, the attempt to get one, and letting go. It decides how a connector
 * is obtained; what comes through it is the session's affair.
 */
import type { Clock } from '../../base/clock.ts'
import {
  type BatchSink,
  type Connector,
  ConnectorError,
  type SourceBatch,
} from '../../connectors/connector.ts'
import type { Driver, OpenOptions, ProcessRecord } from '../../connectors/driver.ts'
import type { SessionEvent } from '../../connectors/event.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { Change } from '../../persistence/change.ts'
import type { Activity, OpenHow } from './machine.ts'
import type { SessionRecord } from './record.ts'

/** Waits between attempts to bring back a session whose process died. Milliseconds. */
const RECOVER_WAITS_MS = [0, 500, 2_000]

/** A connector that reads; it reports nothing before `follow`. */
export interface ObservedSource extends Connector {
  readonly checkpoint: unknown
  /** Settled once everything that was there has been reported, or nothing more will be. */
  readonly caughtUp: Promise<void>
  follow(): void
}

/** Doors to threads that others have open. */
export interface ForeignDoors {
  /** Whether the user's daemon has the thread open. */
  canJoin(threadId: string | null): boolean
  /** Join the user's daemon. @throws ConnectorError when it does not have the thread */
  join(threadId: string, options: OpenOptions): Promise<Connector>
  /**
   * Read the rollout as it grows. @param knowsPast the session has turns that came through another door
   * @throws ConnectorError when the thread has no rollout, or one that cannot be read
   */
  observe(
    threadId: string,
    options: OpenOptions & { readonly sink: BatchSink; readonly knowsPast: boolean },
  ): Promise<ObservedSource>
  /** What to store of how far a thread was read; `checkpoint` null: it must be compared anew. Empty for unknown threads. */
  noteRead(sessionId: string, threadId: string | null, checkpoint: unknown, stamp: string | null): Change[]
  /** Who has the thread open, in words; null where the system does not tell. */
  holderOf(threadId: string): Promise<{ pid: number; command: string | null } | null>
}

export interface ForkOrigin {
  readonly threadId: string
  /** The last turn that is taken along, as Codex names it; all of them without. */
  readonly lastTurnId?: string
}

export interface DoorPorts {
  readonly driver: Driver
  readonly foreign: ForeignDoors
  /** Have room for one more process. @throws HubError `overloaded` */
  makeRoom(sessionId: string): Promise<void>
  readonly clock: Clock
  receive(sessionId: string, event: SessionEvent): void
  receiveAll(sessionId: string, batch: SourceBatch): void
  sourceClosed(sessionId: string, generation: number, cause: CloseCause): void
}

export class SessionDoor {
  readonly #record: SessionRecord
  readonly #ports: DoorPorts
  #connector: Connector | null = null
  #opening: Promise<Activity> | null = null
  #process: ProcessRecord | null = null
  #origin: ForkOrigin | null = null
  /** Counts connectors: what an old one reports late must not touch the new one's session. */
  #generation = 0
  #isConnecting = false

  constructor(record: SessionRecord, ports: DoorPorts) {
    this.#record = record
    this.#ports = ports
  }

  get connector(): Connector | null {
    return this.#connector
  }

  /** The current attempt to open the door, if one runs. */
  get opening(): Promise<Activity> | null {
    return this.#opening
  }

  /** A connector is there and nobody is still finding out what it is like. */
  get isOpen(): boolean {
    return this.#connector !== null && this.#opening === null
  }

  /** A connector is being made; what its source says already comes through. */
  get isConnecting(): boolean {
    return this.#isConnecting
  }

  /** The process of an earlier hub that a rejoin should look for. */
  set process(process: ProcessRecord | null) {
    this.#process = process
  }

  /** The thread whose past a new one begins with. */
  set origin(origin: ForkOrigin) {
    this.#origin = origin
  }

  /** Whether the thread began with the past of another one. */
  get isFork(): boolean {
    return this.#origin !== null
  }

  /** Let `run` count as the attempt to open the door until it is over. */
  open(run: () => Promise<Activity>): Promise<Activity> {
    const opening = run().finally(() => {
      if (this.#opening === opening) this.#opening = null
    })
    this.#opening = opening
    // The machine and the commands await it; a failure nobody awaits is still told in the summary.
    opening.catch(() => {})
    return opening
  }

  /** Resolves when no attempt runs, however it ended. */
  async settled(): Promise<void> {
    await this.#opening?.catch(() => {})
  }

  /** Obtain a connector, which is the session's from here on. @throws ConnectorError */
  async connect(how: OpenHow): Promise<Connector | ObservedSource> {
    this.#generation += 1
    const generation = this.#generation
    await this.#replace()
    const sink: BatchSink = {
      receive: (event) => {
        if (generation === this.#generation) this.#ports.receive(this.#record.id, event)
      },
      receiveAll: (batch) => {
        if (generation === this.#generation) this.#ports.receiveAll(this.#record.id, batch)
      },
      closed: (cause) => this.#ports.sourceClosed(this.#record.id, generation, cause),
    }
    this.#isConnecting = true
    try {
      this.#connector = await this.#obtain(how, sink)
    } finally {
      this.#isConnecting = false
    }
    return this.#connector
  }

  /**
   * Read what others wrote in a thread the hub has nothing of yet, so that its whole past is there and in order before
   * Codex tells the newest of it. Without a rollout there is nothing to read.
   */
  async readPast(): Promise<void> {
    const source = await this.connect('observe').catch(() => null)
    if (!source) return
    const observed = source as ObservedSource
    observed.follow()
    await observed.caughtUp
    await this.#replace()
  }

  /** The connector's source ended. @returns whether it was the present one's */
  lost(generation: number): boolean {
    if (generation !== this.#generation || !this.#connector) return false
    this.#connector = null
    return true
  }

  /** Give the connector away; nothing it still says is heard. */
  letGo(): Connector | null {
    const connector = this.#connector
    this.#connector = null
    this.#generation += 1
    return connector
  }

  /** Let go of a door that another one takes the place of. */
  async #replace(): Promise<void> {
    const old = this.#connector
    this.#connector = null
    await old?.detach()
  }

  async #obtain(how: OpenHow, sink: BatchSink): Promise<Connector | ObservedSource> {
    const { driver, foreign, clock } = this.#ports
    const { codexHome, isolation } = this.#record.stored
    const { id: sessionId, cwd, threadId, counters } = this.#record.summary
    const options = { sessionId, cwd, settings: this.#record.wanted, codexHome, isolation, sink }
    if (how === 'create' || how === 'resume') await this.#ports.makeRoom(this.#record.id)
    if (how === 'create') {
      if (!this.#origin) return driver.create(options)
      const { threadId: origin, lastTurnId } = this.#origin
      return driver.fork(origin, { ...options, ...(lastTurnId === undefined ? {} : { lastTurnId }) })
    }
    if (threadId === null)
      throw new ConnectorError('threadNotFound', 'The session has no Codex thread to resume.')
    if (how === 'rejoin') {
      if (!this.#process) throw new ConnectorError('closed', 'No process of an earlier hub is known.')
      return driver.rejoin(this.#process, threadId, options)
    }
    if (how === 'join') return foreign.join(threadId, options)
    if (how === 'observe') return foreign.observe(threadId, { ...options, knowsPast: counters.turns > 0 })
    if (how === 'resume') return this.#resume(threadId, options)
    let last: unknown
    for (const waitMs of RECOVER_WAITS_MS) {
      await new Promise<void>((resolve) => clock.after(waitMs, resolve))
      try {
        return await driver.resume(threadId, options)
      } catch (error) {
        last = error
      }
    }
    throw last
  }

  /** @throws ConnectorError `heldElsewhere` with the holder, where the system tells */
  async #resume(threadId: string, options: OpenOptions): Promise<Connector> {
    const { driver, foreign } = this.#ports
    try {
      return await driver.resume(threadId, options)
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.fault !== 'heldElsewhere') throw error
      const holder = await foreign.holderOf(threadId)
      if (!holder) throw error
      const { pid, command } = holder
      const who = `process ${pid}${command === null ? '' : ` (${command.slice(0, 200)})`}`
      throw new ConnectorError(
        'heldElsewhere',
        `The session is open in ${who}. Watch it here, fork it, or end it there first.`,
        { ...error.facts, holder },
        { cause: error },
      )
    }
  }
}
