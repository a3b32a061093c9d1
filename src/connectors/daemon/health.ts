/** How it stands with the daemon of one home, as a state and a sentence for a person. */
import { SocketConnectError } from '../../jsonrpc/unix-socket.ts'
import { ConnectorError } from '../connector.ts'
import type { SocketSighting } from './control-socket.ts'

export type DaemonState =
  /** No daemon, as with releases that have none. Nothing is wrong. */
  | 'absent'
  | 'connecting'
  | 'connected'
  /** There is a socket and nobody behind it. */
  | 'deserted'
  /** This user may not use it. */
  | 'denied'
  /** Somebody listens and does not answer. */
  | 'hanging'
  /** Somebody listens who is no app-server. */
  | 'garbled'
  /** It lacks what the hub needs to join a thread: too old, or too new. */
  | 'unsupported'
  /** The connection ended; it is looked for again. */
  | 'lost'

export interface DaemonHealth {
  readonly codexHome: string
  readonly state: DaemonState
  readonly sentence: string
  /** When this state began. */
  readonly since: number
  /** What the daemon says it is; null while there is no connection. */
  readonly codexVersion: string | null
  readonly pid: number | null
}

/** Why there is no connection. */
export class DaemonFault extends Error {
  override readonly name = 'DaemonFault'
  readonly state: Exclude<DaemonState, 'absent' | 'connecting' | 'connected'>

  constructor(state: DaemonFault['state'], sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.state = state
  }
}

/** What it means that there is no socket to connect to. */
export function describeAbsence(
  sighting: Exclude<SocketSighting, { state: 'found' }>,
): [DaemonState, string] {
  switch (sighting.state) {
    case 'absent':
      return ['absent', 'No Codex daemon runs for this home.']
    case 'dangling':
      return ['deserted', DESERTED]
    case 'denied':
      return ['denied', `The folder of the Codex daemon cannot be read: ${sighting.message}`]
  }
}

const DESERTED = 'A Codex daemon ended here and left its socket. Codex replaces it when it starts one.'

/** @param unreadable how many messages came that were no JSON-RPC */
export function faultOf(error: unknown, unreadable = 0): DaemonFault {
  if (error instanceof DaemonFault) return error
  const why = error instanceof Error ? error.message : String(error)
  const make = (state: DaemonFault['state'], sentence: string) =>
    new DaemonFault(state, sentence, { cause: error })
  if (error instanceof SocketConnectError) {
    switch (error.fault) {
      case 'missing':
      case 'refused':
        return make('deserted', DESERTED)
      case 'denied':
        return make('denied', `The socket of the Codex daemon may not be opened by this user: ${why}`)
      case 'timeout':
        return make(
          'hanging',
          'Somebody listens on the socket of the Codex daemon and does not answer. Try `codex app-server daemon restart`.',
        )
      default:
        return make(
          'garbled',
          `What listens on the socket of the Codex daemon is no Codex app-server: ${why}`,
        )
    }
  }
  if (unreadable > 0) {
    return make(
      'garbled',
      'What listens on the socket of the Codex daemon does not speak as a Codex app-server does.',
    )
  }
  if (error instanceof ConnectorError && error.fault === 'timeout') {
    return make(
      'hanging',
      'The Codex daemon took the connection and did not answer. Try `codex app-server daemon restart`.',
    )
  }
  if (error instanceof ConnectorError && error.fault === 'closed') {
    return make('lost', `The Codex daemon ended the connection before it answered: ${why}`)
  }
  return make('unsupported', `The Codex daemon does not let the hub in: ${why}`)
}
