/** Quick commands and logins: begun here, followed as jobs. */
import { reloadMcpServers } from '../../connectors/codex/operations/mcp.ts'
import { HubError } from '../../protocol/errors.ts'
import type { JOB_METHODS } from '../../protocol/methods/jobs.ts'
import { sandboxModeSchema } from '../../protocol/settings.ts'
import { startCommand, startLogin, startMcpLogin } from '../jobs/start.ts'
import type { HubRooms } from '../rooms.ts'
import { asWireErrors } from '../session/connector-failure.ts'
import type { Handlers } from './dispatch.ts'
import { checkFolder } from './folder.ts'
import { homeOf, type Place } from './place.ts'
import { follow } from './subscriptions.ts'

type Names = keyof typeof JOB_METHODS | 'account/login' | 'mcpServer/login'

export const jobHandlers: Pick<Handlers, Names> = {
  async 'exec/start'(rooms, { sessionId, home, command, cwd, sandbox, timeoutMs, stdin }) {
    const place = { sessionId, home }
    const codexHome = homeOf(rooms, place)
    const summary = sessionId === undefined ? null : rooms.registry.get(sessionId).summary
    const folder = cwd ?? summary?.cwd
    if (folder === undefined) {
      throw new HubError('invalidParams', 'Name a folder to run in, or a session.', { field: 'cwd' })
    }
    await checkFolder(folder)
    const own = sandboxModeSchema.safeParse(summary?.settings.sandbox)
    const job = await startCommand(rooms, codexHome, {
      command,
      cwd: folder,
      sandbox: sandbox ?? (own.success ? own.data : null),
      timeoutMs: timeoutMs ?? null,
      stdin,
    })
    return { job: job.facts }
  },
  async 'exec/write'(rooms, { jobId, text, close }, { scopes }) {
    const job = rooms.jobs.get(jobId, scopes)
    await asWireErrors(() => job.write(text, close))
    return {}
  },
  async 'account/login'(rooms, { home, method, apiKey }) {
    if ((method === 'apiKey') !== (apiKey !== undefined)) {
      throw new HubError('invalidParams', 'An API key goes with the method "apiKey", and only with that.', {
        field: 'apiKey',
      })
    }
    const codexHome = homeOf(rooms, { home })
    const request =
      method === 'apiKey' ? { method, apiKey: apiKey ?? '' } : { method: method as 'browser' | 'deviceCode' }
    const job = await startLogin(rooms, codexHome, request)
    return { job: job.facts }
  },
  async 'mcpServer/login'(rooms, { sessionId, home, server, scopes }) {
    const place = { sessionId, home }
    const codexHome = homeOf(rooms, place)
    const job = await startMcpLogin(rooms, codexHome, { server, scopes }, () => loggedIn(rooms, place))
    return { job: job.facts }
  },
  async 'job/list'(rooms, _params, { scopes }) {
    return { jobs: rooms.jobs.list(scopes) }
  },
  async 'job/cancel'(rooms, { jobId }, { scopes }) {
    const job = rooms.jobs.get(jobId, scopes)
    await asWireErrors(() => job.cancel())
    return { job: job.facts }
  },
  async 'job/subscribe'(rooms, { jobId, cursor }, client) {
    const job = rooms.jobs.get(jobId, client.scopes)
    return () =>
      follow(client, jobId, job.stream, cursor, (at) => ({
        method: 'job/synchronized',
        params: { jobId, cursor: at },
      }))
  },
  async 'job/unsubscribe'(_rooms, { jobId }, client) {
    client.unfollow(jobId)
    return {}
  },
}

/** The session that lacked the server takes it up with its next turn. */
async function loggedIn(rooms: HubRooms, { sessionId }: Place): Promise<void> {
  const line = sessionId === undefined ? null : rooms.registry.sessionOrNull(sessionId)?.connector?.line
  if (line?.methods.has('config/mcpServer/reload')) await reloadMcpServers(line)
}
