import { afterEach, expect, it } from 'vitest'
import { connectHub, type HubClient } from '../../src/client/client.ts'
import { type HubProcess, makeHubProcess } from '../harness/hub-process.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

let hub: HubProcess
let client: HubClient
afterEach(async () => {
  client.close()
  await hub.close()
})

/** A hub that can be killed and come back at the same address, as it would on somebody's machine. */
async function begin(): Promise<{ port: number; token: string }> {
  hub = await makeHubProcess({
    script: (request) => [{ say: `heard: ${request.userTexts.join(' | ')}`, pauseMs: 20 }],
  })
  const { url, token } = (await hub.start()) as { url: string; token: string }
  client = connectHub({ url, token, client: { id: 'sdk', name: 'sdk' }, random: () => 0 })
  return { port: Number(new URL(url).port), token }
}

const connectionIs = (status: string) =>
  new Promise<void>((resolve) => {
    const look = (): void => {
      if (client.connection.getSnapshot().status === status) resolve()
    }
    client.connection.subscribe(look)
    look()
  })

it('[SDK1] a handle lives through a killed hub: never shown live while it is not, and in step again by itself', async () => {
  const { port } = await begin()
  const { session } = await client.command('session/create', { cwd: hub.codex.project, input: text('one') })
  const handle = client.session(session.id)
  const list = client.sessions()
  await stateWhere(handle, isIdle)
  const seen: string[] = []
  handle.subscribe(() => seen.push(handle.getSnapshot().status))
  await hub.kill()
  await connectionIs('offline')
  expect(handle.getSnapshot()).toMatchObject({ status: 'stale', state: { turns: [{ status: 'completed' }] } })
  await hub.start({ port })
  await connectionIs('live')
  await client.command('session/send', { sessionId: session.id, input: text('two') })
  const state = await stateWhere(
    handle,
    (now, { status }) => status === 'live' && now.turns.length === 2 && isIdle(now),
  )
  expect(said(state)).toEqual(['heard: one', 'heard: one | two'])
  expect(list.getSnapshot().state?.sessions.get(session.id)?.counters.turns).toBe(2)
})

it('[SDK2] a command given while the hub is away is carried out once, when it is back', async () => {
  const { port } = await begin()
  const { session } = await client.command('session/create', { cwd: hub.codex.project, input: text('one') })
  await stateWhere(client.session(session.id), isIdle)
  await hub.kill()
  await connectionIs('offline')
  const sent = client.command('session/rename', { sessionId: session.id, name: 'Named while away' })
  await hub.start({ port })
  expect((await sent).session.title).toBe('Named while away')
})

it('[SDK3] a wrong token is told once and not tried again', async () => {
  await begin()
  client.close()
  client = connectHub({ url: hub.url, token: 'wrong', client: { id: 'sdk', name: 'sdk' } })
  await connectionIs('refused')
  expect(client.connection.getSnapshot()).toMatchObject({ status: 'refused' })
})

it('[SDK4] a snapshot of a handle is the same object until something changes', async () => {
  await begin()
  const { session } = await client.command('session/create', { cwd: hub.codex.project, input: text('one') })
  const handle = client.session(session.id)
  await stateWhere(handle, isIdle)
  expect(handle.getSnapshot()).toBe(handle.getSnapshot())
  const before = handle.getSnapshot()
  await client.command('session/rename', { sessionId: session.id, name: 'Another' })
  await stateWhere(handle, ({ summary }) => summary.title === 'Another')
  expect(handle.getSnapshot()).not.toBe(before)
  expect(handle.getSnapshot().state?.items).toBe(before.state?.items)
})
