/** Search as a client asks for it: filters over what the hub knows of its sessions, and the command line. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import type { ParamsOf } from '../../src/protocol/methods.ts'
import { startCli } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { itemOf, sessionOf } from '../harness/stored.ts'

let test: TestHub
let client: HubClient

beforeAll(async () => {
  test = await makeHub({
    script: () => [{ say: 'heard' }],
    config: { homes: [] },
    seed: (store) => {
      const settings = { modelProvider: null, effort: null, approvalPolicy: null, sandbox: null }
      const put = (id: string, cwd: string, model: string, archived = false) => {
        const session = sessionOf(id, { title: id, cwd, archived, settings: { ...settings, model } })
        store.write({ kind: 'session', session })
        const body = { text: `The lighthouse of ${id}.` }
        store.write({ kind: 'item', sessionId: id, item: itemOf(1, { body, completedAt: 5_000 }) })
      }
      put('ses_shop', '/w/shop', 'gpt-5.5')
      put('ses_api', '/w/shop/api', 'o9')
      put('ses_old', '/w/other', 'o9', true)
    },
  })
  client = test.client('laptop')
})
afterAll(() => test.close())

async function found(params: Omit<ParamsOf<'session/search'>, 'query'>): Promise<string[]> {
  const { hits, sessions } = await client.request('session/search', { query: 'lighthouse', ...params })
  expect(sessions.map(({ id }) => id).toSorted()).toEqual(hits.map(({ sessionId }) => sessionId).toSorted())
  return hits.map(({ sessionId }) => sessionId).toSorted()
}

it('[FTS9] hits are filtered by folder, door, model and archive, and come with their sessions', async () => {
  expect(await found({})).toEqual(['ses_api', 'ses_old', 'ses_shop'])
  expect(await found({ cwd: '/w/shop' })).toEqual(['ses_api', 'ses_shop'])
  expect(await found({ models: ['o9'], archived: false })).toEqual(['ses_api'])
  expect(await found({ archived: true })).toEqual(['ses_old'])
  expect(await found({ doors: ['driven'] })).toEqual([])
  expect(await found({ doors: ['driven', 'dormant'], sessionId: 'ses_old' })).toEqual(['ses_old'])
  await expect(found({ sessionId: 'ses_none' })).rejects.toMatchObject({ data: { name: 'sessionNotFound' } })
  const { index } = await client.request('session/search', { query: '🎉' })
  expect(index).toMatchObject({ isComplete: true, textsWaiting: 0 })
})

it('[FTS15] what waits to be indexed is told with the answer and in the status of the hub', async () => {
  const { index } = await client.request('session/search', { query: 'lighthouse' })
  const rollouts = { indexed: 0, total: 0, bytesIndexed: 0, bytesTotal: 0 }
  expect(index).toEqual({ isComplete: true, textsWaiting: 0, rollouts })
  const { search } = await client.request('hub/status', {})
  expect(search).toEqual(index)
})

it('[FTS11] the command line prints what was found with its session, and takes the filters', async () => {
  const env = { CODEX_HUB_URL: test.hub.url, CODEX_HUB_TOKEN: test.hub.token, NO_COLOR: '1' }
  const shown = await startCli(test.folder, ['search', 'lighthouse', '--cwd', '/w/shop/api'], env)
  expect(shown.stdout).toMatch(
    /^ses_api {2}ses_api {2}\/w\/shop\/api\n {2}\d+d message {2}The lighthouse of ses_api\.$/,
  )
  const json = await startCli(test.folder, ['--json', 'search', 'lighthouse', '--archived', '-n', '1'], env)
  expect(JSON.parse(json.stdout).hits).toEqual([
    expect.objectContaining({ sessionId: 'ses_old', kind: 'message', itemId: 'item-1' }),
  ])
  const nothing = await startCli(test.folder, ['search', 'nowhere', '"'], env)
  expect([nothing.stdout, nothing.exitCode]).toEqual(['Nothing was found.', 0])
})
