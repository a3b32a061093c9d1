/**
 * Opening a session's door: what has to be told, read and settled, and in which order, between having a connector and
 * showing what comes through it. What a failed attempt leaves behind is decided here too.
 */
import type { Log } from '../../base/log.ts'
import { type Connector, ConnectorError } from '../../connectors/connector.ts'
import type { ThreadFacts } from '../../connectors/event.ts'
import { wireErrorOf } from './connector-failure.ts'
import { DIED, holesIn } from './endings.ts'
import type { ObservedSource } from './foreign-doors.ts'
import type { Activity, OpenHow } from './machine.ts'
import type { SessionPorts } from './ports.ts'
import type { Session } from './session.ts'
import { patch } from './summary-patch.ts'
import { tellSettings } from './untold-settings.ts'

/** How much of its past a fork begins with. Turns. */
const FORK_TURNS = 500

/** @returns what Codex shows the session to be doing @throws ConnectorError, told in the summary too */
export async function openDoor(session: Session, how: OpenHow, ports: SessionPorts): Promise<Activity> {
  const { record, door, facts } = session
  await record.hydrate()
  let connector: Connector | null = null
  try {
    if ((how === 'resume' || how === 'join') && record.summary.counters.turns === 0)
      await session.past.readFirst()
    connector = await door.connect(how)
    facts.isActive = connector.status.status === 'active'
    const { thread, codexVersion } = connector
    const told = codexVersion === null ? thread : { ...thread, codexVersion }
    if (how === 'observe') await observe(session, connector as ObservedSource, told)
    else await command(session, connector, how, told, ports)
    facts.derive()
    return facts.activity
  } catch (error) {
    const { data, message } = wireErrorOf(error)
    session.log.warn({ err: error, how }, 'the session could not be opened')
    // Its loss was taken in already, and another one may be being opened.
    if (connector && door.connector !== connector) throw error
    // **Invariant:** nothing stays behind a session that says that nothing is: it would hold the thread for nobody.
    if (connector) await putDown(session)
    // A child of an earlier hub that is gone, or a door of others that closed, is no problem of the session's.
    if (how === 'rejoin' || how === 'join' || how === 'observe') facts.isActive = null
    else failed(session, how, String(data.facts.fault ?? data.name), message, ports.clock.now())
    throw error
  }
}

/** What was opened is of no use: it is stopped, as far as it is the hub's. */
async function putDown({ door, reported, log }: Session): Promise<void> {
  reported.forget()
  try {
    await door.letGo()?.stop()
  } catch (error) {
    log.warn({ err: error }, 'what was opened could not be stopped')
  }
}

function failed({ facts }: Session, how: OpenHow, code: string, message: string, at: number): void {
  // Its process is gone and stays gone: what it was doing is over.
  if (how === 'recover') facts.settle(...DIED)
  const said =
    how === 'recover' ? `The Codex process ended and could not be brought back: ${message}` : message
  facts.patch({ problem: { code, message: said, at } })
}

/** A connector through which Codex can be asked and told. */
async function command(
  session: Session,
  connector: Connector,
  how: OpenHow,
  told: ThreadFacts,
  { foreign, store }: SessionPorts,
): Promise<void> {
  const { record, facts, past, door } = session
  const log = (): Log => session.log
  const inForce = await tellSettings(record, connector, told, log)
  refuseLost(session, connector)
  // Before anything else: nobody may see the new door with texts that look whole.
  if (how === 'rejoin' || how === 'join') facts.apply(holesIn(record.state))
  session.receive({ type: 'thread', facts: inForce })
  facts.apply([
    // Of a child that was only out of reach; a new one has asked nothing under this name.
    ...facts.withdraw('The Codex process that asked is gone.', ({ id }) =>
      id.startsWith(`${connector.instance}:`),
    ),
    ...patch(record.summary, {
      note: null,
      reading: null,
      // What was out of sight is seen again.
      ...(record.summary.problem?.code === 'daemonGone' && how === 'join' ? { problem: null } : {}),
    }),
  ])
  // What is written to the rollout from here on reaches the session through this door.
  store.write(...foreign.noteRead(session.id, record.summary.threadId, null, null))
  if (door.isFork && how === 'create') {
    await past.readBack(connector, FORK_TURNS)
    facts.patch({ unread: 0 })
  } else if (how !== 'create') await past.readBack(connector)
  refuseLost(session, connector)
  past.read()
  session.reported.status(connector.status.status, connector.status.flags)
  if (!facts.isActive) facts.settle(...DIED)
}

/** **Invariant:** what an old connector says is no news once it was lost: another one may have told of a turn since. */
function refuseLost({ door }: Session, connector: Connector): void {
  if (door.connector === connector) return
  throw new ConnectorError('closed', 'The connection ended while the session was being opened.')
}

/** A source that is only read. Its past is compared where the session has one already, else taken as it comes. */
async function observe(session: Session, source: ObservedSource, told: ThreadFacts): Promise<void> {
  session.facts.tell({ type: 'thread', facts: told })
  // Whoever asked may be there still, and asks again once it is joined; from its file nobody is answered.
  session.facts.apply(session.facts.withdraw('The session is only seen from its file.'))
  const events = await session.past.beyond(source)
  refuseLost(session, source)
  const { checkpoint } = source
  if (source.operations.has('history'))
    session.receiveAll({ events, checkpoint, at: null, stamp: null, startsOver: false })
  source.follow()
}
