/**
 * The door of one session: the connector it has now, the attempt to get one, and letting go. Whose end is heard, and
 * when, is decided here; what comes through it is the session's affair.
 */
import {
  type BatchSink,
  type Connector,
  ConnectorError,
  type SourceBatch,
} from '../../connectors/connector.ts'
import type { ProcessRecord } from '../../connectors/driver.ts'
import type { SessionEvent } from '../../connectors/event.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { ObservedSource } from './foreign-doors.ts'
import type { Activity, OpenHow } from './machine.ts'
import { type ForkOrigin, type ObtainPorts, obtain } from './obtain.ts'
import type { SessionRecord } from './record.ts'

/** How long a command waits for what is read from a file. Milliseconds. */
const LOOK_WITHIN_MS = 5_000

export interface DoorPorts extends ObtainPorts {
  receive(sessionId: string, event: SessionEvent): void
  receiveAll(sessionId: string, batch: SourceBatch): void
  sourceClosed(sessionId: string, generation: number, cause: CloseCause): void
}

export class SessionDoor {
  /** Why it is not seen in the user's daemon any more; null once somebody goes on with it. */
  lostBecause: string | null = null
  readonly #record: SessionRecord
  readonly #ports: DoorPorts
  #connector: Connector | null = null
  #opening: Promise<Activity> | null = null
  /** How the present connector was wanted, or the one that is being made. */
  #how: OpenHow | null = null
  #process: ProcessRecord | null = null
  #origin: ForkOrigin | null = null
  /** Counts connectors: what an old one reports late must not touch the new one's session. */
  #generation = 0
  #isConnecting = false
  /** The end of a connector that is not the session's yet: a conversation may be over before anybody listens to it. */
  #endedEarly: CloseCause | null = null

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

  /** How often one was wanted or given away: who compares it knows whether anything happened while he looked elsewhere. */
  get changes(): number {
    return this.#generation
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
  open(how: OpenHow, run: () => Promise<Activity>): Promise<Activity> {
    this.#how = how
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

  /**
   * A session at rest that somebody opens is read from its file, and is observed while it is not known who writes it. A
   * command that comes in that moment waits here, for a while, instead of being refused for what is no reason.
   */
  async looked(): Promise<void> {
    if (this.#how !== 'observe') return
    await this.settled()
    if (this.#connector?.door !== 'observed') return
    const { judged } = this.#connector as ObservedSource
    const late = Promise.withResolvers<void>()
    const timer = this.#ports.clock.after(LOOK_WITHIN_MS, late.resolve)
    await Promise.race([judged, late.promise])
    timer.cancel()
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
      closed: (cause) => {
        const isEarly = this.#isConnecting && !this.#connector && generation === this.#generation
        if (isEarly) this.#endedEarly = cause
        else this.#ports.sourceClosed(this.#record.id, generation, cause)
      },
    }
    this.#isConnecting = true
    try {
      const [process, origin] = [this.#process, this.#origin]
      return await obtain(
        { how, record: this.#record, process, origin, sink, attempt: (open) => this.#attempt(open) },
        this.#ports,
      )
    } finally {
      this.#isConnecting = false
    }
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
  lost(generation: number, why: string): boolean {
    if (generation !== this.#generation || !this.#connector) return false
    if (this.#connector.door === 'attached') this.lostBecause = why
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

  /** Let one try to get a connector; what it brings is the session's. @throws ConnectorError `closed` where it is over already */
  async #attempt<C extends Connector>(open: () => Promise<C>): Promise<C> {
    this.#endedEarly = null
    const connector = await open()
    const cause = this.#endedEarly as CloseCause | null
    if (cause) throw new ConnectorError('closed', `What was opened ended at once (${cause.message}).`)
    this.#connector = connector
    if (connector.door !== 'observed') this.lostBecause = null
    return connector
  }

  /** Let go of a door that another one takes the place of. */
  async #replace(): Promise<void> {
    const old = this.#connector
    this.#connector = null
    await old?.detach()
  }
}
