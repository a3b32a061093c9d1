import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AppServer } from '../../../src/connectors/codex/app-server.ts'
import { asFields, asText } from '../../../src/connectors/codex/decode.ts'
import { isAtLeast } from '../../../src/connectors/codex/version.ts'
import { Recorder } from '../../contract/connector.ts'
import { type CodexHome, makeCodexHome } from '../../harness/codex-home.ts'
import { startDaemon, type TestDaemon } from '../../harness/daemon.ts'
import { versionOfTestCodex } from '../../harness/test-codex.ts'
import { until } from '../../harness/until.ts'
import { otherClient, type Report, type Watching, watching } from './watching.ts'

const hasDaemon = isAtLeast(await versionOfTestCodex(), '0.142.0')

const input = (text: string) => [{ type: 'text' as const, text, text_elements: [] }]

async function startThread(client: AppServer, cwd: string, ephemeral = false): Promise<string> {
  const answer = asFields(await client.request('thread/start', { cwd, ephemeral }))
  const threadId = asText(asFields(answer?.thread)?.id)
  if (threadId === null) throw new Error('no thread was started')
  return threadId
}

const isIdle =
  (threadId: string) =>
  (entry: Report): entry is Report =>
    (('of' in entry && entry.of === threadId) || ('loaded' in entry && entry.loaded === threadId)) &&
    entry.status === 'idle'

describe.runIf(hasDaemon)('the sessions of a daemon', () => {
  let home: CodexHome
  let daemon: TestDaemon
  let client: AppServer
  let seen: Watching
  beforeAll(async () => {
    home = await makeCodexHome({ script: () => [{ say: 'Hello.' }] })
    daemon = await startDaemon(home)
    client = await otherClient(home.home)
    seen = watching(home.home)
    await seen.watch.start()
    await seen.state('connected')
  })
  afterAll(async () => {
    await seen.watch.close()
    client.close()
    await daemon.close()
    await home.close()
  })

  it('[DAE10] a session appears with its first prompt, and its status and name stay true without joining', async () => {
    const threadId = await startThread(client, home.project)
    await client.request('turn/start', { threadId, input: input('say hello') })
    await seen.loaded(threadId)
    await seen.report(isIdle(threadId))
    await client.request('thread/name/set', { threadId, name: 'Greetings' })
    await seen.report((entry): entry is Report => 'named' in entry && entry.named === threadId)
    const told = seen.watch.threads.get(threadId)
    const reports = seen.reports.filter((entry) => JSON.stringify(entry).includes(threadId))
    expect({
      first: reports[0],
      times: reports.filter((entry) => 'loaded' in entry).length,
      last: reports.at(-1),
      cwd: told?.facts.cwd,
      name: told?.facts.name,
      status: told?.status,
    }).toEqual({
      first: expect.objectContaining({ loaded: threadId, preview: 'say hello' }),
      times: 1,
      last: { named: threadId, name: 'Greetings' },
      cwd: home.project,
      name: 'Greetings',
      status: { status: 'idle', flags: [] },
    })
  })

  it("[DAE11] threads that are nobody's session, or have had no prompt, are passed over", async () => {
    const [helper, silent] = [
      await startThread(client, home.project, true),
      await startThread(client, home.project),
    ]
    await client.request('turn/start', { threadId: helper, input: input('find a title') })
    const spoken = await startThread(client, home.project)
    await client.request('turn/start', { threadId: spoken, input: input('hello') })
    await seen.loaded(spoken)
    await seen.watch.look()
    const again = watching(home.home)
    await again.watch.start()
    await again.loaded(spoken)
    const told = [...seen.watch.threads.keys(), ...again.watch.threads.keys()]
    await again.watch.close()
    expect(told.filter((id) => id === helper || id === silent)).toEqual([])
    expect(told.filter((id) => id === spoken)).toEqual([spoken, spoken])
  })

  it('[DAE12] a session that was there before is told of at the connection', async () => {
    const threadId = await startThread(client, home.project)
    await client.request('turn/start', { threadId, input: input('early') })
    await seen.report(isIdle(threadId))
    const late = watching(home.home)
    await late.watch.start()
    expect(await late.loaded(threadId)).toMatchObject({ loaded: threadId, preview: 'early' })
    await late.watch.close()
  })
})

describe.runIf(hasDaemon)('the coming and going of a daemon', () => {
  let home: CodexHome
  let seen: Watching
  const daemons: TestDaemon[] = []
  const start = async (): Promise<TestDaemon> => {
    const daemon = await startDaemon(home)
    daemons.push(daemon)
    return daemon
  }
  const begin = async (): Promise<string> => {
    const client = await otherClient(home.home)
    const threadId = await startThread(client, home.project)
    await client.request('turn/start', { threadId, input: input('hello') })
    await seen.loaded(threadId)
    client.close()
    return threadId
  }
  beforeAll(async () => {
    home = await makeCodexHome({ script: () => [{ say: 'Hello.' }] })
    seen = watching(home.home, { timeoutMs: 1000 })
  })
  afterAll(async () => {
    await seen.watch.close()
    for (const daemon of daemons) await daemon.close()
    await home.close()
  })

  it('[DAE13] a daemon that starts later is found, and another run of it is told apart', async () => {
    await seen.watch.start()
    expect(seen.watch.health).toMatchObject({ state: 'absent' })
    const first = await start()
    expect(await seen.state('connected')).toMatchObject({ codexVersion: await versionOfTestCodex() })
    const threadId = await begin()
    const sinks = [new Recorder(), new Recorder()]
    const join = (sink: Recorder) => seen.watch.join(threadId, { sessionId: 'ses_going', sink })
    const before = await join(sinks[0] as Recorder)
    seen.reports.length = 0
    first.signal('SIGTERM')
    expect(await sinks[0]?.cause()).toMatchObject({ kind: 'ended' })
    await seen.report((entry): entry is Report => 'gone' in entry && entry.why === 'daemonGone')
    expect(before.operations.has('terminal')).toBe(true)
    await expect(before.rename('too late')).rejects.toMatchObject({ fault: 'closed' })
    await before.detach()
    await first.gone
    await start()
    const client = await (async () => {
      await seen.state('connected')
      return otherClient(home.home)
    })()
    await client.request('thread/resume', { threadId, excludeTurns: true })
    await seen.loaded(threadId)
    const after = await join(sinks[1] as Recorder)
    expect(after.instance).not.toBe(before.instance)
    expect(sinks[0]?.causes).toHaveLength(1)
    await after.detach()
    client.close()
  })

  it('[DAE14] a daemon that stops answering keeps its sessions, is told as hanging, and is well again when it answers', async () => {
    const daemon = daemons.at(-1) as TestDaemon
    const threadId = await begin()
    const sink = new Recorder()
    const connector = await seen.watch.join(threadId, { sessionId: 'ses_hang', sink })
    seen.reports.length = 0
    daemon.signal('SIGSTOP')
    // One of its threads may still answer what came with the signal.
    await until(async () => {
      await seen.watch.look()
      return seen.watch.health.state !== 'connected'
    })
    expect(seen.watch.health).toMatchObject({
      state: 'hanging',
      sentence: 'The Codex daemon does not answer; what is shown of its sessions may be old.',
    })
    expect(seen.watch.threads.has(threadId)).toBe(true)
    daemon.signal('SIGCONT')
    await until(async () => {
      await seen.watch.look()
      return seen.watch.health.state === 'connected'
    })
    expect({ causes: sink.causes, gone: seen.reports.filter((entry) => 'gone' in entry) }).toEqual({
      causes: [],
      gone: [],
    })
    await connector.detach()
  })

  it('[DAE15] a session that is unloaded by another client ends here, alone, and is told as gone', async () => {
    const [archived, kept] = [await begin(), await begin()]
    const [sink, other] = [new Recorder(), new Recorder()]
    const lost = await seen.watch.join(archived, { sessionId: 'ses_archived', sink })
    const connector = await seen.watch.join(kept, { sessionId: 'ses_kept', sink: other })
    const client = await otherClient(home.home)
    await client.requestRaw('thread/archive', { threadId: archived })
    expect(await sink.cause()).toMatchObject({ kind: 'ended' })
    await seen.report((entry): entry is Report => 'gone' in entry && entry.gone === archived)
    await seen.report((entry): entry is Report => 'archived' in entry && entry.archived === archived)
    await connector.rename('Still here')
    await other.event('thread', ({ facts }) => facts.name === 'Still here')
    expect(other.causes).toEqual([])
    await Promise.all([lost.detach(), connector.detach()])
    client.close()
  })

  it('[DAE16] a hub that closes lets go of everything and tells who was not let go of', async () => {
    const threadId = await begin()
    const late = watching(home.home)
    await late.watch.start()
    await late.loaded(threadId)
    const sink = new Recorder()
    await late.watch.join(threadId, { sessionId: 'ses_close', sink })
    await late.watch.close()
    expect(sink.causes).toEqual([{ kind: 'closed', message: 'the hub closed its connection' }])
    await expect(late.watch.join(threadId, { sessionId: 's', sink })).rejects.toMatchObject({
      fault: 'closed',
    })
    expect(seen.watch.health.state).toBe('connected')
  })

  it('[DAE17] a session is followed once over one connection; two hubs follow it side by side', async () => {
    const threadId = await begin()
    const [sink, again] = [new Recorder(), new Recorder()]
    const connector = await seen.watch.join(threadId, { sessionId: 'ses_once', sink })
    await expect(seen.watch.join(threadId, { sessionId: 'ses_twice', sink: again })).rejects.toMatchObject({
      fault: 'refused',
    })
    const second = watching(home.home)
    await second.watch.start()
    await second.loaded(threadId)
    const other = await second.watch.join(threadId, { sessionId: 'ses_other', sink: again })
    const { turnId } = await connector.startTurn({ commandId: 'c1', input: [{ type: 'text', text: 'hi' }] })
    const ends = await Promise.all([sink.turnEnd(turnId), again.turnEnd(turnId)])
    expect(ends.map(({ turn }) => turn.status)).toEqual(['completed', 'completed'])
    await Promise.all([connector.detach(), other.detach()])
    // Let go of, it can be followed again at once.
    await (await seen.watch.join(threadId, { sessionId: 'ses_once', sink: new Recorder() })).detach()
    await second.watch.close()
  })

  it('[DAE18] what a subagent asks is asked in the session it works for, also of a hub that came later', async () => {
    home.model.use(({ lastUserText, afterTool }) => {
      if (afterTool) return [{ say: 'Done.' }]
      if (!lastUserText.includes('touch it')) {
        return [{ call: 'spawn_agent', namespace: 'multi_agent_v1', args: { message: 'touch it' } }]
      }
      const args = { cmd: 'touch sub.txt', sandbox_permissions: 'require_escalated', justification: 'May I?' }
      return [{ call: 'exec_command', args }]
    })
    const client = await otherClient(home.home)
    const answer = asFields(
      await client.request('thread/start', { cwd: home.project, approvalPolicy: 'on-request' }),
    )
    const threadId = asText(asFields(answer?.thread)?.id) ?? ''
    await client.request('turn/start', { threadId, input: input('delegate') })
    await seen.loaded(threadId)
    const [sink, lateSink] = [new Recorder(), new Recorder()]
    const connector = await seen.watch.join(threadId, { sessionId: 'ses_root', sink })
    const { approval } = await sink.event('approvalRequested')
    const late = watching(home.home)
    await late.watch.start()
    await late.loaded(threadId)
    const lateConnector = await late.watch.join(threadId, { sessionId: 'ses_late', sink: lateSink })
    const again = await lateSink.event('approvalRequested')
    expect([approval.title, again.approval.key]).toEqual(['Subagent: touch sub.txt', approval.key])
    await lateConnector.answer(again.approval.key, { choice: 'accept' })
    await Promise.all(
      [sink, lateSink].map((each) => each.event('approvalResolved', ({ key }) => key === approval.key)),
    )
    // Subagents are nobody's session.
    expect(
      [...seen.watch.threads.keys(), ...late.watch.threads.keys()].filter(
        (id) => id === approval.params.threadId,
      ),
    ).toEqual([])
    await Promise.all([connector.detach(), lateConnector.detach()])
    await late.watch.close()
    client.close()
  })
})
