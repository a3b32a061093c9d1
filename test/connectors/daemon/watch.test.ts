import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AppServer } from '../../../src/connectors/codex/app-server.ts'
import { asFields, asText } from '../../../src/connectors/codex/decode.ts'
import { isAtLeast } from '../../../src/connectors/codex/version.ts'
import { type CodexHome, makeCodexHome } from '../../harness/codex-home.ts'
import { startDaemon, type TestDaemon } from '../../harness/daemon.ts'
import { versionOfTestCodex } from '../../harness/test-codex.ts'
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
    'of' in entry && entry.of === threadId && entry.status === 'idle'

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
    expect({
      reports: seen.reports.flatMap((entry) =>
        JSON.stringify(entry).includes(threadId) ? [{ ...entry, preview: undefined }] : [],
      ),
      cwd: told?.facts.cwd,
      name: told?.facts.name,
      status: told?.status,
    }).toEqual({
      reports: [
        { loaded: threadId, status: 'active' },
        { status: 'idle', of: threadId, flags: [] },
        { named: threadId, name: 'Greetings' },
      ],
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
