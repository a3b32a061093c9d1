/** Methods about the hub itself. */
import { HubError } from '../../protocol/errors.ts'
import { PROTOCOL_VERSION } from '../../protocol/version.ts'
import { HEARTBEAT_MS } from '../client/client.ts'
import { wireErrorOf } from '../session/connector-failure.ts'
import { statusOf } from '../status.ts'
import type { Handlers } from './dispatch.ts'

type Names = 'hub/hello' | 'hub/ping' | 'hub/status' | 'hub/shutdown' | 'model/list'

export const hubHandlers: Pick<Handlers, Names> = {
  async 'hub/hello'(rooms, { protocolVersion, client: { id, name }, agent }, client) {
    if (protocolVersion !== PROTOCOL_VERSION) {
      // After the answer has left.
      rooms.clock.after(0, () => client.close('unsupportedVersion'))
      throw new HubError(
        'unsupportedVersion',
        `This hub speaks protocol version ${PROTOCOL_VERSION}, not ${protocolVersion}; update the older side.`,
        { speaks: PROTOCOL_VERSION, asked: protocolVersion },
      )
    }
    if (agent) await rooms.agents.admit(client, agent)
    client.greet({ clientId: id, name })
    return {
      protocolVersion: PROTOCOL_VERSION,
      hub: { id: rooms.hubId, version: rooms.version, startedAt: rooms.startedAt, home: rooms.home },
      scopes: [...client.scopes],
      heartbeatMs: HEARTBEAT_MS,
    }
  },
  async 'hub/ping'(rooms, { echo }) {
    return { now: rooms.clock.now(), ...(echo === undefined ? {} : { echo }) }
  },
  'hub/status': (rooms) => statusOf(rooms),
  async 'hub/shutdown'(rooms, { stopSessions }) {
    rooms.shutDown(stopSessions)
    return {}
  },
  async 'model/list'(rooms, { includeHidden }) {
    try {
      return { models: await rooms.driver.listModels(includeHidden) }
    } catch (error) {
      throw wireErrorOf(error)
    }
  },
}
