/** The real terminal of Codex in a pseudo-terminal, the daemon it starts by itself, and the hub as one more client. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAtLeast } from '../../../src/connectors/codex/version.ts'
import type { Connector } from '../../../src/connectors/connector.ts'
import { Recorder } from '../../contract/connector.ts'
import { type CodexHome, makeCodexHome } from '../../harness/codex-home.ts'
import { endOwnDaemon } from '../../harness/daemon.ts'
import { openTerminal, type Terminal } from '../../harness/terminal.ts'
import { locateTestCodex, versionOfTestCodex } from '../../harness/test-codex.ts'
import { until } from '../../harness/until.ts'
import { type Watching, watching } from './watching.ts'

/** Its prompt is drawn: it takes what is typed. */
const READY = /Ask Codex to do anything|\? for shortcuts/

const version = await versionOfTestCodex()
const { path: codex } = await locateTestCodex()

const askFor = (cmd: string, then: string) => (request: { afterTool: boolean }) =>
  request.afterTool
    ? [{ say: then }]
    : [
        {
          call: 'exec_command',
          args: { cmd, sandbox_permissions: 'require_escalated', justification: 'May I?' },
        },
      ]

// Releases up to 0.142 start no daemon by themselves. One home for all, since the daemon copies Codex into it.
describe.runIf(isAtLeast(version, '0.160.0'))('a terminal with its daemon', () => {
  let home: CodexHome
  let terminal: Terminal
  let seen: Watching
  let connector: Connector
  let sink: Recorder
  let commands = 0

  const open = (args: readonly string[] = []): Terminal =>
    openTerminal([codex, ...args], { cwd: home.project, env: { CODEX_HOME: home.home } })
  const join = async (threadId: string): Promise<void> => {
    sink = new Recorder()
    connector = await seen.watch.join(threadId, { sessionId: 'ses_terminal', sink })
  }
  const send = (text: string) =>
    connector.startTurn({ commandId: `command-${++commands}`, input: [{ type: 'text', text }] })
  const idle = () => until(() => connector.status.status === 'idle')

  beforeAll(async () => {
    home = await makeCodexHome({ script: () => [{ say: 'Hello from the model.' }], forTerminal: true })
    seen = watching(home.home, { codexCommand: codex })
    await seen.watch.start()
    terminal = open()
    await terminal.shows(READY)
    await seen.state('connected')
  }, 60_000)
  afterAll(async () => {
    await seen.watch.close()
    await terminal.close()
    await endOwnDaemon(home)
    await home.close()
  }, 60_000)

  it('[DAE30] what is typed in a terminal appears by itself, and streams', async () => {
    const tap = Promise.withResolvers<void>()
    home.model.use(() => [{ until: tap.promise }, { say: 'One. Two.' }])
    await terminal.send('count to two')
    await until(() => seen.watch.threads.size > 0)
    const [threadId = ''] = seen.watch.threads.keys()
    await join(threadId)
    expect({ door: connector.door, cwd: connector.thread.cwd, status: connector.status.status }).toEqual({
      door: 'attached',
      cwd: home.project,
      status: 'active',
    })
    tap.resolve()
    const text = await sink.event('append')
    await sink.turnEnd(text.turnId)
    const past = await connector.readHistory({ maxTurns: 5 })
    const texts = past.flatMap(({ items }) =>
      items.map(({ type, body }) => [type, body.text ?? body.content]),
    )
    expect({ appended: sink.appended(text.turnId, 'text'), texts }).toEqual({
      appended: 'One. Two.',
      texts: [
        ['userMessage', [expect.objectContaining({ text: 'count to two' })]],
        ['agentMessage', 'One. Two.'],
      ],
    })
    await terminal.shows('Two.')
  })

  it('[DAE31] an approval of the terminal is answered here, and the terminal goes on', async () => {
    home.model.use(askFor('touch from-here.txt', 'Made it.'))
    await terminal.send('make a file')
    const { approval } = await sink.event('approvalRequested')
    await terminal.shows('Would you like to run the following command?')
    await connector.answer(approval.key, { choice: 'accept' })
    await terminal.shows('Made it.')
    await terminal.hides('Would you like to run')
    expect((await sink.event('approvalResolved')).key).toBe(approval.key)
    await idle()
  })

  it('[DAE32] a message from here shows in the terminal, and so does its answer', async () => {
    home.model.use(() => [{ say: 'Greetings to both of you.' }])
    const { turnId } = await send('hello from the hub')
    await terminal.shows('hello from the hub')
    await terminal.shows('Greetings to both of you.')
    expect((await sink.turnEnd(turnId)).turn.status).toBe('completed')
    await idle()
  })

  it('[DAE33] an approval answered in the terminal resolves here', async () => {
    home.model.use(askFor('touch from-there.txt', 'Made that too.'))
    const { turnId } = await send('make another file')
    const { approval } = await sink.event('approvalRequested', ({ approval }) => approval.turnId === turnId)
    await terminal.shows('touch from-there.txt')
    await terminal.shows('1. Yes, proceed')
    terminal.press('y')
    await sink.event('approvalResolved', ({ key }) => key === approval.key)
    expect((await sink.turnEnd(turnId)).turn.status).toBe('completed')
    await expect(connector.answer(approval.key, { choice: 'accept' })).rejects.toMatchObject({
      fault: 'refused',
    })
    await idle()
  })

  it('[DAE34] a turn that runs is interrupted from here, as Escape in the terminal would', async () => {
    const tap = Promise.withResolvers<void>()
    home.model.use(() => [{ say: 'For ever…' }, { until: tap.promise }])
    await terminal.send('never end')
    const started = await sink.event(
      'item',
      ({ item }) => item.type === 'userMessage' && JSON.stringify(item.body).includes('never end'),
    )
    await sink.event('append', ({ turnId }) => turnId === started.turnId)
    await connector.interrupt(started.turnId)
    expect((await sink.turnEnd(started.turnId)).turn.status).toBe('interrupted')
    await terminal.shows('Conversation interrupted')
    tap.resolve()
    await idle()
  })

  it('[DAE38] a message from here while a turn of the terminal runs goes into that turn', async () => {
    const tap = Promise.withResolvers<void>()
    home.model.use(({ lastUserText }) =>
      lastUserText === 'and a second one'
        ? [{ say: 'Both, then.' }]
        : [{ say: 'First. ' }, { until: tap.promise }, { say: 'The first is done.' }],
    )
    await terminal.send('a first wish')
    const { turnId } = await sink.event('append', ({ text }) => text === 'First. ')
    const folded = await send('and a second one')
    tap.resolve()
    await terminal.shows('and a second one')
    await terminal.shows('Both, then.')
    expect(folded.turnId).toBe(turnId)
    expect((await sink.turnEnd(turnId)).turn.status).toBe('completed')
    await idle()
  })

  it('[DAE35] to let go of a session, or to stop it, leaves the terminal and its turn alone', async () => {
    const { threadId } = connector.thread
    const tap = Promise.withResolvers<void>()
    home.model.use(() => [{ say: 'Before. ' }, { until: tap.promise }, { say: 'After you left.' }])
    await terminal.send('go on without me')
    const { turnId } = await sink.event('append', ({ text }) => text === 'Before. ')
    const told = sink.events.length
    await connector.stop({ force: true })
    tap.resolve()
    await terminal.shows('After you left.')
    expect({ events: sink.events.length, causes: sink.causes }).toEqual({ events: told, causes: [] })
    await join(threadId)
    await idle()
    const past = await connector.readHistory({ maxTurns: 1 })
    expect(past.map(({ turn }) => [turn.id, turn.status])).toEqual([[turnId, 'completed']])
  })

  it('[DAE36] a terminal that was closed joins the same session again by the command that is offered', async () => {
    await terminal.close()
    home.model.use(() => [{ say: 'Nobody else is looking.' }])
    const { turnId } = await send('while you were out')
    await sink.turnEnd(turnId)
    const offered = connector.terminal()
    expect(offered).toEqual({
      command: [codex, 'resume', connector.thread.threadId],
      env: { CODEX_HOME: home.home },
    })
    terminal = open(offered?.command.slice(1))
    await terminal.shows('Nobody else is looking.')
    home.model.use(() => [{ say: 'Welcome back.' }])
    await terminal.send('I am back')
    await terminal.shows('Welcome back.')
    await sink.event('item', ({ item }) => item.status === 'completed' && item.body.text === 'Welcome back.')
    await idle()
  })

  it('[DAE37] a daemon that is killed is told once as gone; with its next run the session can be joined again', async () => {
    const { threadId } = connector.thread
    const before = (await connector.readHistory({ maxTurns: 20 })).map(({ turn }) => turn.id)
    const { pid } = seen.watch.health
    await terminal.close()
    seen.reports.length = 0
    process.kill(pid ?? 0, 'SIGKILL')
    expect(await sink.cause()).toMatchObject({ kind: 'exited', message: 'the Codex daemon has ended' })
    await seen.state('deserted')
    await expect(seen.watch.join(threadId, { sessionId: 's', sink: new Recorder() })).rejects.toMatchObject({
      fault: 'closed',
      facts: { state: 'deserted' },
    })
    terminal = open(['resume', threadId])
    await seen.loaded(threadId)
    expect(seen.reports.flatMap((entry) => ('gone' in entry ? [entry] : []))).toEqual([
      { gone: threadId, why: 'daemonGone' },
    ])
    expect(sink.causes).toHaveLength(1)
    await join(threadId)
    await terminal.shows(READY)
    expect((await connector.readHistory({ maxTurns: 20 })).map(({ turn }) => turn.id)).toEqual(before)
    home.model.use(() => [{ say: 'Alive again.' }])
    const { turnId } = await send('are you there?')
    await sink.turnEnd(turnId)
    await terminal.shows('Alive again.')
  })
})
