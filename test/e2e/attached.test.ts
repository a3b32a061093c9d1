/** A real terminal of Codex on its daemon, and a client of the hub, on one session. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import type { SessionHandle } from '../../src/client/subscriptions.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import { startDaemon, type TestDaemon } from '../harness/daemon.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { openTerminal, type Terminal } from '../harness/terminal.ts'
import { locateTestCodex, versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const READY = /Ask Codex to do anything|\? for shortcuts/

const version = await versionOfTestCodex()
const { path: codex } = await locateTestCodex()

// Releases up to 0.142 have no daemon a terminal would use by itself.
describe.runIf(isAtLeast(version, '0.160.0'))('a session in a terminal', () => {
  let test: TestHub
  let daemon: TestDaemon
  let client: HubClient
  let terminal: Terminal
  let session: SessionHandle
  let sessionId: string

  const open = (...args: string[]): Terminal =>
    openTerminal([codex, ...args], { cwd: test.codex.project, env: { CODEX_HOME: test.codex.home } })

  beforeAll(async () => {
    test = await makeHub({
      script: () => [{ say: 'Hello from the model.' }],
      forTerminal: true,
      config: { codexPath: codex, observedEndMs: 2_000 },
    })
    daemon = await startDaemon(test.codex)
    client = test.client('laptop')
    await test.hub.adopted
    terminal = open()
    await terminal.shows(READY)
  }, 60_000)
  afterAll(async () => {
    await terminal.close()
    await test.close()
    await daemon.close()
  }, 60_000)

  it('[ADO10] what is typed in a terminal appears in the list by itself, attached and live', async () => {
    await terminal.send('count to two')
    const list = client.sessions()
    const unsubscribe = list.subscribe(() => {})
    await until(() =>
      [...(list.getSnapshot().state?.sessions.values() ?? [])].some(({ door }) => door === 'attached'),
    )
    const sessions = [...(list.getSnapshot().state?.sessions.values() ?? [])]
    unsubscribe()
    expect(sessions.map(({ door, title }) => [door, title])).toEqual([['attached', 'count to two']])
    sessionId = String(sessions[0]?.id)
    session = client.session(sessionId)
    const state = await stateWhere(session, (each) => isIdle(each))
    expect(said(state)).toEqual(['Hello from the model.'])
    expect(state.summary.capabilities).toContain('session/send')
    await terminal.shows('Hello from the model.')
  })

  it("[ADO11] the terminal's approval is answered from a client, and the terminal goes on", async () => {
    test.codex.model.use((request) =>
      request.afterTool
        ? [{ say: 'Made it.' }]
        : [
            {
              call: 'exec_command',
              args: {
                cmd: 'touch made.txt',
                sandbox_permissions: 'require_escalated',
                justification: 'May I?',
              },
            },
          ],
    )
    await terminal.send('make a file')
    const waiting = await stateWhere(session, ({ approvals }) =>
      approvals.some(({ state }) => state === 'pending'),
    )
    expect(waiting.summary).toMatchObject({ phase: 'awaitingApproval', attention: { reason: 'approval' } })
    await terminal.shows('Would you like to run the following command?')
    const approvalId = String(waiting.approvals.find(({ state }) => state === 'pending')?.id)
    await client.command('approval/decide', { sessionId, approvalId, answer: { choice: 'accept' } })
    await terminal.shows('Made it.')
    const state = await stateWhere(session, (each) => isIdle(each) && said(each).includes('Made it.'))
    expect(state.approvals.map(({ state, outcome }) => [state, outcome?.by?.name])).toEqual([
      ['decided', 'laptop'],
    ])
  })

  it('[ADO12] a message from a client shows in the terminal, with its answer', async () => {
    test.codex.model.use(() => [{ say: 'Greetings to both of you.' }])
    await client.command('session/send', { sessionId, input: text('hello from the phone') })
    await terminal.shows('hello from the phone')
    await terminal.shows('Greetings to both of you.')
    await stateWhere(session, (each) => isIdle(each) && said(each).includes('Greetings to both of you.'))
  })

  it("[QUE13] a prompt that waits for the terminal's turn is sent when that ends, and shows there", async () => {
    const tap = Promise.withResolvers<void>()
    test.codex.model.use(({ lastUserText }) =>
      lastUserText === 'take your time'
        ? [{ say: 'Taking it.' }, { until: tap.promise }]
        : [{ say: `Heard: ${lastUserText}` }],
    )
    await terminal.send('take your time')
    await stateWhere(session, (each) => said(each).includes('Taking it.'))
    const sent = await client.command('session/send', { sessionId, input: text('from the queue') })
    expect(sent).toMatchObject({ taken: 'queued', turnId: null })
    tap.resolve()
    const done = await stateWhere(
      session,
      (each) => isIdle(each) && said(each).includes('Heard: from the queue'),
    )
    expect(done.queue).toMatchObject({ entries: [], hold: null, sent: [{ id: sent.entryId }] })
    await terminal.shows('Heard: from the queue')
  })

  it('[REV6] turns of a terminal are taken back from a client, and the terminal goes on in the same session', async () => {
    const { threadId, counters } = session.getSnapshot().state?.summary ?? {}
    const answer = await client.command('session/revert', { sessionId, count: 1 })
    expect(answer.session).toMatchObject({
      door: 'attached',
      counters: { turns: (counters?.turns ?? 0) - 1 },
    })
    const gone = await stateWhere(session, (each) => !said(each).includes('Heard: from the queue'))
    expect(gone.turns.map(({ id }) => id)).not.toContain(answer.turnIds[0])
    await terminal.send('after the revert')
    const done = await stateWhere(
      session,
      (each) => isIdle(each) && said(each).includes('Heard: after the revert'),
    )
    expect([done.summary.door, done.summary.threadId]).toEqual(['attached', threadId])
    await terminal.shows('Heard: after the revert')
  })

  it('[ADO13] a hub that starts again finds the terminal at its work, with nothing twice', async () => {
    const before = session.getSnapshot().state
    await test.restart()
    await test.hub.adopted
    client = test.client('phone')
    session = client.session(sessionId)
    const state = await stateWhere(session, (each) => each.summary.door === 'attached' && isIdle(each))
    expect(state.items.map(({ id, type, body }) => [id, type, body.text])).toEqual(
      before?.items.map(({ id, type, body }) => [id, type, body.text]),
    )
    expect((await client.request('session/list', {})).total).toBe(1)
  })

  it('[ADO14] a daemon that dies leaves the session in the hub, with what it had; opened again it goes on', async () => {
    const { threadId } = session.getSnapshot().state?.summary ?? {}
    const texts = said(session.getSnapshot().state as never)
    await daemon.kill()
    await terminal.close()
    // Its file is looked at for what the daemon wrote last, until it is certain that nobody goes on with it.
    await stateWhere(session, ({ summary }) => summary.door === 'observed')
    const rest = await stateWhere(session, ({ summary }) => summary.door === 'dormant')
    expect([rest.summary.phase, said(rest)]).toEqual(['dormant', texts])
    // In the meantime the hub may go on with it itself.
    test.codex.model.use(() => [{ say: 'From the hub now.' }])
    await client.command('session/send', { sessionId, input: text('still there?') })
    const driven = await stateWhere(
      session,
      (each) => isIdle(each) && said(each).includes('From the hub now.'),
    )
    expect([driven.summary.door, driven.summary.threadId, said(driven)]).toEqual([
      'driven',
      threadId,
      [...texts, 'From the hub now.'],
    ])
  })
})
