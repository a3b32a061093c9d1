/** Logging in to an MCP server that wants it, by the link that Codex gives. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { cliOf, printed, startCli } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { type OauthMcpServer, startOauthMcpServer } from '../harness/oauth-mcp-server.ts'
import { until } from '../harness/until.ts'

let mcp: OauthMcpServer
let test: TestHub
let client: HubClient

beforeAll(async () => {
  mcp = await startOauthMcpServer()
  test = await makeHub({
    script: () => [{ say: 'heard' }],
    toml: `mcp_oauth_credentials_store = "file"\n[mcp_servers.guarded]\nurl = ${JSON.stringify(mcp.url)}`,
  })
  client = test.client('laptop')
})
afterAll(async () => {
  await test.close()
  await mcp.close()
})

const server = async () => {
  const { servers } = await client.request('mcpServer/list', {}, { timeoutMs: 60_000 })
  return servers.find(({ name }) => name === 'guarded')
}

it('[CAT24] a login that nobody wants any more is given up', async () => {
  expect(await server()).toMatchObject({ state: 'needsLogin', auth: 'notLoggedIn', tools: [] })
  const { job } = await client.command('mcpServer/login', { server: 'guarded' })
  expect(job).toMatchObject({ kind: 'mcpLogin', status: 'running', capabilities: ['job/cancel'] })
  expect(job.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/authorize\?/)
  const { job: ended } = await client.command('job/cancel', { jobId: job.id })
  expect(ended).toMatchObject({ id: job.id, status: 'cancelled' })
  expect((await server())?.state).toBe('needsLogin')
})

it('[CAT24] the command line prints the link, and the server is ready once the browser came back', async () => {
  const login = startCli(test.folder, ['mcp-servers', '--login', 'guarded'])
  const [link = ''] = (await printed(login, /http:\S+\n/)).match(/http:\S+/) ?? []
  expect((await fetch(link)).status).toBe(200)
  expect(await login).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/Logged in\.$/) })
  await until(async () => (await server())?.state === 'ready')
  expect(await server()).toMatchObject({ auth: 'oAuth', error: null, tools: [{ name: 'look' }] })
  expect((await cliOf(test.folder)('mcp-servers', '--login', 'nobody')).exitCode).toBe(1)
})
