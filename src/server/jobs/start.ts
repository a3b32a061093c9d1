/** Begins jobs: each holds the process of its home until it has ended, and no longer. */

import { type CommandRequest, runCommand } from '../../connectors/codex/operations/exec.ts'
import {
  type BegunLogin,
  beginLogin,
  beginMcpLogin,
  type LoginRequest,
} from '../../connectors/codex/operations/login.ts'
import { need } from '../../connectors/codex/operations/need.ts'
import type { HomeLine } from '../../connectors/codex/requests.ts'
import { HubError } from '../../protocol/errors.ts'
import type { HubRooms } from '../rooms.ts'
import { wireErrorOf } from '../session/connector-failure.ts'
import type { Job } from './job.ts'

/** @returns the job once it runs. @throws HubError */
export function startCommand(
  rooms: HubRooms,
  home: string | null,
  request: Omit<CommandRequest, 'processId'>,
): Promise<Job> {
  return hold(rooms, home, async (line, begun) => {
    need(line, 'command/exec')
    if (request.stdin) need(line, 'command/exec/write')
    const job = rooms.jobs.begin({ kind: 'command', title: request.command.join(' ').slice(0, 500), home })
    const running = runCommand(line, { ...request, processId: job.id }, (stream, text) =>
      job.output(stream, text),
    )
    job.handles = {
      cancel: running.isLive ? () => running.terminate() : null,
      write: running.isLive && request.stdin ? (text, close) => running.write(text, close) : null,
    }
    begun(job)
    await job.follow(running.ended)
  })
}

/** @returns the job once a person can go on with it, or it has ended. @throws HubError */
export function startLogin(rooms: HubRooms, home: string | null, request: LoginRequest): Promise<Job> {
  const open = rooms.jobs.running.find((job) => job.facts.kind === 'login' && job.home === home)
  const { loggingIn } = rooms.jobs
  if (open || loggingIn.has(home)) {
    throw new HubError('notPossible', 'Somebody is logging in to this home already; cancel that first.', {
      reason: 'loginRuns',
      jobId: open?.id ?? null,
    })
  }
  // Before anything is awaited: Codex drops a login for which another one is begun.
  loggingIn.add(home)
  return hold(rooms, home, async (line, begun) => {
    const login = await beginLogin(line, request)
    await followLogin(rooms, login, { kind: 'login', title: TITLES[request.method], home }, begun)
  }).finally(() => loggingIn.delete(home))
}

const TITLES = {
  browser: 'Log in with the browser of this machine',
  deviceCode: 'Log in with a code, in any browser',
  apiKey: 'Log in with an API key',
}

/** @param done what follows from a login that passed. @throws HubError */
export function startMcpLogin(
  rooms: HubRooms,
  home: string | null,
  request: { readonly server: string; readonly scopes?: readonly string[] | undefined },
  done: () => Promise<void>,
): Promise<Job> {
  return hold(rooms, home, async (line, begun) => {
    const login = await beginMcpLogin(line, request)
    const seed = { kind: 'mcpLogin', title: `Log in to the MCP server ${request.server}`, home }
    await followLogin(rooms, { ...login, ended: login.ended.then(done) }, seed, begun)
  })
}

async function followLogin(
  rooms: HubRooms,
  { url, userCode, ended, cancel }: BegunLogin,
  seed: { kind: string; title: string; home: string | null },
  begun: (job: Job) => void,
): Promise<void> {
  let job: Job
  try {
    job = rooms.jobs.begin({ ...seed, url, userCode })
  } catch (error) {
    // Nobody will go on with it, or hear of its end.
    ended.catch(() => {})
    await cancel().catch(() => {})
    throw error
  }
  job.handles = { cancel, write: null }
  const end = job.follow(ended.then(() => ({})))
  if (url === null) await end
  begun(job)
  await end
}

/** Ask the Codex of a home for something that goes on after its beginning was told. */
function hold(
  rooms: HubRooms,
  home: string | null,
  run: (line: HomeLine, begun: (job: Job) => void) => Promise<void>,
): Promise<Job> {
  return new Promise((resolve, reject) => {
    rooms.driver.ask((line) => run(line, resolve), home).catch((error: unknown) => reject(wireErrorOf(error)))
  })
}
