/** How a connector is obtained: who is asked for it, how often, and what is said where somebody else holds the thread. */
import type { Clock } from '../../base/clock.ts'
import { type BatchSink, type Connector, ConnectorError } from '../../connectors/connector.ts'
import type { Driver, ProcessRecord } from '../../connectors/driver.ts'
import type { ForeignDoors, ObservedSource } from './foreign-doors.ts'
import type { OpenHow } from './machine.ts'
import type { SessionRecord } from './record.ts'

/** Waits between attempts to bring back a session whose process died. Milliseconds. */
const RECOVER_WAITS_MS = [0, 500, 2_000]

export interface ForkOrigin {
  readonly threadId: string
  /** The last turn that is taken along, as Codex names it; all of them without. */
  readonly lastTurnId?: string
}

export interface ObtainPorts {
  readonly driver: Driver
  readonly foreign: ForeignDoors
  /** Have room for one more process. @throws HubError `overloaded` */
  makeRoom(sessionId: string): Promise<void>
  readonly clock: Clock
}

interface Wanted {
  readonly how: OpenHow
  readonly record: SessionRecord
  /** The process of an earlier hub that a rejoin should look for. */
  readonly process: ProcessRecord | null
  /** The thread whose past a new one begins with. */
  readonly origin: ForkOrigin | null
  readonly sink: BatchSink
  /** Every try goes through this. */
  attempt<C extends Connector>(open: () => Promise<C>): Promise<C>
}

/** @throws ConnectorError, or HubError `overloaded` */
export async function obtain(
  { how, record, process, origin, sink, attempt }: Wanted,
  ports: ObtainPorts,
): Promise<Connector | ObservedSource> {
  const { driver, foreign, clock } = ports
  const { codexHome, isolation } = record.stored
  const { id: sessionId, cwd, threadId, counters } = record.summary
  const options = { sessionId, cwd, settings: record.wanted, codexHome, isolation, sink }
  if (how === 'create' || how === 'resume') await ports.makeRoom(record.id)
  if (how === 'create') {
    if (!origin) return attempt(() => driver.create(options))
    const { threadId: from, lastTurnId } = origin
    return attempt(() =>
      driver.fork(from, { ...options, ...(lastTurnId === undefined ? {} : { lastTurnId }) }),
    )
  }
  if (threadId === null)
    throw new ConnectorError('threadNotFound', 'The session has no Codex thread to resume.')
  if (how === 'rejoin') {
    if (!process) throw new ConnectorError('closed', 'No process of an earlier hub is known.')
    return attempt(() => driver.rejoin(process, threadId, options))
  }
  if (how === 'join') return attempt(() => foreign.join(threadId, options))
  if (how === 'observe') {
    const knowsPast = counters.turns > 0
    return attempt(() => foreign.observe(threadId, { ...options, knowsPast }))
  }
  const resume = (): Promise<Connector> => attempt(() => driver.resume(threadId, options))
  if (how === 'resume') return sayHolder(threadId, foreign, resume)
  let last: unknown
  for (const waitMs of RECOVER_WAITS_MS) {
    await new Promise<void>((resolve) => clock.after(waitMs, resolve))
    try {
      return await resume()
    } catch (error) {
      last = error
    }
  }
  throw last
}

/** @throws ConnectorError `heldElsewhere` with the holder, where the system tells */
async function sayHolder(
  threadId: string,
  foreign: ForeignDoors,
  resume: () => Promise<Connector>,
): Promise<Connector> {
  try {
    return await resume()
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
