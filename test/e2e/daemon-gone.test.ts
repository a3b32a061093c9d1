/** What is said of a session of the user's daemon once the daemon, or whoever used it, has gone. */
import { realpathSync, rmSync, symlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { asFields } from '../../src/connectors/codex/decode.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import { controlSocketPath } from '../../src/connectors/daemon/control-socket.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'
import { otherClient } from '../connectors/daemon/watching.ts'
import { startDaemon, type TestDaemon } from '../harness/daemon.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { locateTestCodex, versionOfTestCodex } from '../harness/test-codex.ts'
import { said, stateWhere } from '../harness/watch.ts'

const version = await versionOfTestCodex()
const { path: codexPath } = await locateTestCodex()

const MAY_I = {
  call: 'exec_command',
  args: { cmd: 'touch made.txt', sandbox_permissions: 'require_escalated', justification: 'May I?' },
}

/** Everything to and from a socket goes through a program that can drop it. */
async function putBetween(link: string): Promise<{ drop(): void; close(): void }> {
  const target = realpathSync(link)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target)
    for (const socket of [near, far]) {
      sockets.add(socket.on('error', () => {}))
      socket.on('close', () => [near, far].forEach((each) => void each.destroy()))
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(`${target}.between`, resolve))
  rmSync(link)
  symlinkSync(`${target}.between`, link)
  const drop = (): void => sockets.forEach((socket) => void socket.destroy())
  return {
    drop,
    close() {
      server.close()
      drop()
      rmSync(target, { force: true })
    },
  }
}

describe.runIf(isAtLeast(version, '0.160.0'))('a daemon that goes', () => {
  let test: TestHub
  const daemons: TestDaemon[] = []
  let client: HubClient

  beforeAll(async () => {
    test = await makeHub({
      script: ({ lastUserText }) =>
        lastUserText === 'wait' ? [{ say: 'I wait.' }, { until: new Promise(() => {}) }] : [MAY_I],
      config: { codexPath, observedEndMs: 2_000 },
    })
    client = test.client('laptop')
    await test.hub.adopted
  }, 60_000)
  afterAll(async () => {
    await test.close()
    for (const daemon of daemons) await daemon.close()
  }, 60_000)

  async function start(): Promise<TestDaemon> {
    const daemon = await startDaemon(test.codex)
    daemons.push(daemon)
    return daemon
  }

  /** A prompt to the daemon, from somebody else. @returns the id of its session, once that is attached */
  async function begin(prompt: string): Promise<string> {
    const other = await otherClient(test.codex.home)
    const answer = await other.request('thread/start', {
      cwd: test.codex.project,
      approvalPolicy: 'on-request',
    })
    const threadId = String(asFields(asFields(answer)?.thread)?.id)
    const found = Promise.withResolvers<string>()
    const list = client.sessions()
    const unsubscribe = list.subscribe(() => {
      for (const each of list.getSnapshot().state?.sessions.values() ?? [])
        if (each.threadId === threadId && each.door === 'attached') found.resolve(each.id)
    })
    await other.request('turn/start', {
      threadId,
      input: [{ type: 'text', text: prompt, text_elements: [] }],
    })
    const sessionId = await found.promise
    unsubscribe()
    return sessionId
  }

  it('[ADO25] a daemon that dies in the midst of a turn leaves no turn open: its file is read to its end', async () => {
    const daemon = await start()
    const session = client.session(await begin('wait'))
    await stateWhere(session, (state) => said(state).includes('I wait.'))
    await daemon.kill()
    const rest = await stateWhere(
      session,
      ({ summary, turns }) =>
        summary.phase === 'dormant' && turns.every(({ status }) => status !== 'inProgress'),
    )
    expect(rest.turns.map(({ status, error }) => [status, error?.message])).toEqual([
      ['interrupted', 'The process that ran this turn is gone.'],
    ])
    expect([said(rest), rest.summary.problem?.code]).toEqual([['I wait.'], 'daemonGone'])
    expect((await client.request('session/list', {})).total).toBe(1)
  })

  it('[ADO28] an approval of a daemon that ended while the hub was away waits for nobody', async () => {
    const daemon = await start()
    const sessionId = await begin('make a file')
    const asked = ({ approvals }: SessionState) => approvals.map(({ state }) => state)
    await stateWhere(client.session(sessionId), (state) => asked(state).includes('pending'))
    await test.hub.close()
    await daemon.kill()
    await test.restart()
    client = test.client('phone')
    const rest = await stateWhere(
      client.session(sessionId),
      ({ summary, turns }) => summary.phase === 'dormant' && turns[0]?.status === 'interrupted',
    )
    expect([asked(rest), rest.summary.attention?.reason]).toEqual([['withdrawn'], 'finished'])
  })

  it('[ADO29] a session whose daemon was out of sight for a moment, or whose hub was, is at work and has no problem', async () => {
    await start()
    const proxy = await putBetween(controlSocketPath(test.codex.home))
    const sessionId = await begin('wait')
    const isAtWork = ({ summary }: SessionState): boolean =>
      summary.door === 'attached' && summary.phase === 'working' && summary.problem === null
    await stateWhere(client.session(sessionId), isAtWork)
    proxy.drop()
    await stateWhere(client.session(sessionId), ({ summary }) => summary.problem?.code === 'daemonGone')
    await stateWhere(client.session(sessionId), isAtWork)
    await test.hub.close()
    await test.restart()
    client = test.client('phone')
    const { session } = await client.request('session/get', { sessionId })
    expect(session.problem).toBeNull()
    await stateWhere(client.session(sessionId), isAtWork)
    proxy.close()
  })
})
