/** Makes the connector of a driven session: on a process of its own, or on a place of one that sessions share. */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { CloseCause } from '../../jsonrpc/channel.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { Connector, ConnectorSink } from '../connector.ts'
import { CodexConnector } from './connector.ts'
import type { Conversation } from './conversation.ts'
import { type Holding, holdChild, holdSeat } from './holding.ts'
import type { OpenedThread } from './opened-thread.ts'
import type { RunningServer } from './running-server.ts'
import type { Taken } from './shared-children.ts'

export interface LinkOptions {
  readonly sink: ConnectorSink
  /** What it was opened with; nothing where it was joined. */
  readonly settings?: SettingsRequest
}

interface Surroundings extends LinkOptions {
  readonly clock: Clock
  readonly log: Log
}

/** @param lost told when the connection ended and the process goes on */
export function connectOwn(
  running: RunningServer,
  opened: OpenedThread,
  lost: () => void,
  options: Surroundings,
): Connector {
  const { server, handle } = running
  const closed = ({ kind }: CloseCause): void => {
    if (kind === 'exited' || !handle.survivesUs) return
    handle.letGo()
    lost()
  }
  return connect(running, { server, opened, holding: holdChild(server, handle), closed }, options)
}

export function connectSeat({ child, lane, opened }: Taken, options: Surroundings): Connector {
  const { threadId } = opened.thread
  const holding = holdSeat(child, lane, threadId)
  const closed = () => child.vacate(threadId)
  return connect(child.running, { server: lane, opened, holding, closed }, options)
}

interface Link {
  readonly server: Conversation
  readonly opened: OpenedThread
  readonly holding: Holding
  /** Told before the session is. */
  closed(cause: CloseCause): void
}

function connect(
  { handle, methods }: RunningServer,
  { server, opened, holding, closed }: Link,
  { sink, settings, clock, log }: Surroundings,
): Connector {
  const { threadId } = opened.thread
  return new CodexConnector({
    door: 'driven',
    instance: handle.record.id,
    server,
    methods,
    opened,
    holding,
    ...(settings?.mode === undefined ? {} : { nextTurn: { mode: settings.mode } }),
    sink: {
      receive: (event) => sink.receive(event),
      closed: (cause) => {
        closed(cause)
        sink.closed(cause)
      },
    },
    clock,
    log: log.child({ threadId, pid: handle.record.pid }),
  })
}
