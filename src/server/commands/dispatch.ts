/**
 * From a request to the code that answers it: method, hello, scope, parameters, receipt, handler. Every refusal on the
 * way is a typed error; no handler is reached with parameters that were not read by its schema.
 */
import { z } from 'zod'
import type { RpcRequest } from '../../jsonrpc/message.ts'
import { HubError } from '../../protocol/errors.ts'
import { METHODS, type MethodName, type ReadParamsOf } from '../../protocol/methods.ts'
import type { Client } from '../client/client.ts'
import type { HubRooms } from '../rooms.ts'
import { asStorageErrors } from '../session/connector-failure.ts'
import { refuseIfImported } from '../session/imported.ts'
import { accountHandlers } from './account.ts'
import { adoptionHandlers } from './adoption-commands.ts'
import { agentHandlers } from './agent-commands.ts'
import { catalogHandlers } from './catalog.ts'
import { deletionHandlers } from './deletion.ts'
import { exportHandlers } from './export.ts'
import { fileHandlers } from './files.ts'
import { homeHandlers } from './homes.ts'
import { hubHandlers } from './hub-queries.ts'
import { jobHandlers } from './jobs.ts'
import { queueHandlers } from './queue-commands.ts'
import { revertHandlers } from './revert.ts'
import { reviewHandlers } from './reviews.ts'
import { searchHandlers } from './search.ts'
import { commandHandlers } from './session-commands.ts'
import { queryHandlers } from './session-queries.ts'
import { subscriptionHandlers } from './subscriptions.ts'
import { threadCommandHandlers } from './thread-commands.ts'
import { threadHandlers } from './threads.ts'
import { turnHandlers } from './turn-commands.ts'
import { worktreeHandlers } from './worktrees.ts'

/** Answers one method. May return a function that makes the answer in one synchronous step (`ReplyThen`). */
export type Handler<M extends MethodName> = (
  rooms: HubRooms,
  params: ReadParamsOf<M>,
  client: Client,
) => Promise<unknown>

export type Handlers = { readonly [M in MethodName]: Handler<M> }

const HANDLERS: Handlers = {
  ...accountHandlers,
  ...adoptionHandlers,
  ...catalogHandlers,
  ...deletionHandlers,
  ...fileHandlers,
  ...agentHandlers,
  ...exportHandlers,
  ...homeHandlers,
  ...hubHandlers,
  ...queueHandlers,
  ...revertHandlers,
  ...jobHandlers,
  ...commandHandlers,
  ...reviewHandlers,
  ...queryHandlers,
  ...searchHandlers,
  ...subscriptionHandlers,
  ...threadHandlers,
  ...threadCommandHandlers,
  ...turnHandlers,
  ...worktreeHandlers,
}

/** Answer a request of a client. @throws HubError */
export async function dispatch(rooms: HubRooms, client: Client, request: RpcRequest): Promise<unknown> {
  const { method } = request
  if (!Object.hasOwn(METHODS, method)) {
    throw new HubError('methodNotFound', `The hub has no method "${method}".`, {
      method,
      known: Object.keys(METHODS),
    })
  }
  const name = method as MethodName
  const shape = METHODS[name]
  if (client.identity === null && name !== 'hub/hello') {
    throw new HubError('helloRequired', `Send hub/hello before ${method}.`)
  }
  if (!client.scopes.has(shape.scope)) {
    throw new HubError('forbidden', `${method} needs the scope "${shape.scope}".`, {
      needs: shape.scope,
      has: [...client.scopes],
    })
  }
  const parsed = shape.params.safeParse(request.params ?? {})
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
    throw new HubError('invalidParams', `${method}: ${z.prettifyError(parsed.error)}`, { issues })
  }
  const params = parsed.data
  const handler = HANDLERS[name] as Handler<MethodName>
  if (!shape.mutates) {
    if (client.agent) refuseToAgents(name, shape.scope)
    return asStorageErrors(() => handler(rooms, params as ReadParamsOf<MethodName>, client))
  }
  const { commandId, sessionId } = params as { commandId: string; sessionId?: string }
  const session = sessionId === undefined ? null : rooms.registry.sessionOrNull(sessionId)
  await session?.door.looked()
  const allowed = client.agent
    ? await rooms.agents.permit(client.agent, name, params as Record<string, unknown>)
    : params
  // What the disk refuses is told as that, whoever met it.
  const act = () => asStorageErrors(() => handler(rooms, allowed as ReadParamsOf<MethodName>, client))
  if (session) refuseIfImported(session.summary, method)
  // Nothing is awaited from here to the receipt: a hub that stops waits for the commands it knows of.
  if (rooms.isClosing()) throw new HubError('shuttingDown', 'The hub is stopping; try again when it is back.')
  const run = () => (session ? session.record.keep(act) : act())
  const { commandId: _id, ...rest } = params as Record<string, unknown>
  const command = {
    commandId,
    method,
    params: rest,
    clientId: client.identity?.clientId ?? '',
    sessionId: sessionId ?? null,
  }
  return rooms.receipts.once(command, run)
}

/** What is neither a command nor reading (a way into a session's terminal) is for people. */
function refuseToAgents(method: MethodName, scope: string): void {
  if (scope === 'view') return
  throw new HubError('forbidden', `${method} is for people; no agent can do it.`, {
    reason: 'notForAgents',
    method,
  })
}
