/** What asks for a person, over all sessions: the log, its hooks and the command line, with the real Codex. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import type { AttentionHandle } from '../../src/client/subscriptions.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { AttentionEntry } from '../../src/protocol/attention.ts'
import { signed } from '../../src/server/attention/hooks.ts'
import type { ConfigRequest } from '../../src/server/config.ts'
import { printed, startCli } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { until } from '../harness/until.ts'
import { stateWhere, text } from '../harness/watch.ts'

/** Nothing that older releases hold for harmless: those run without asking. */
const COMMAND = 'touch made-by-the-agent && echo hi'

const held = Promise.withResolvers<void>()
const script: Script = (request) => {
  if (request.afterTool) return [{ say: 'done' }]
  if (request.lastUserText === 'run') {
    const why = { sandbox_permissions: 'require_escalated', justification: 'to see' }
    return request.toolNames.includes('exec_command')
      ? [{ call: 'exec_command', args: { cmd: COMMAND, ...why } }]
      : [
          {
            call: 'shell',
            args: {
              command: ['bash', '-lc', COMMAND],
              with_escalated_permissions: true,
              justification: 'to see',
            },
          },
        ]
  }
  if (request.lastUserText === 'hold')
    return [{ say: 'Holding. ' }, { until: held.promise }, { say: 'Over.' }]
  return [{ say: `heard: ${request.lastUserText}` }]
}

let test: TestHub
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await test.close()
})

async function start(attention: ConfigRequest['attention'] = {}) {
  test = await makeHub({ script, config: { attention } })
  const client = test.client('laptop')
  const log = client.attention()
  return { client, log }
}

async function begin(client: HubClient, prompt: string): Promise<string> {
  const { session } = await client.command('session/create', {
    cwd: test.codex.project,
    settings: { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
    input: text(prompt),
  })
  return session.id
}

const entriesOf = (log: AttentionHandle): AttentionEntry[] => [
  ...(log.getSnapshot().state?.entries.values() ?? []),
]
async function entryWhere(log: AttentionHandle, fits: (entry: AttentionEntry) => boolean) {
  await until(() => entriesOf(log).some(fits))
  return entriesOf(log).find(fits) as AttentionEntry
}

it('[ATT1] an approval is raised and cleared, then the end of the turn is, and a restart raises nothing again', async () => {
  const { client, log } = await start()
  const sessionId = await begin(client, 'run')
  const asked = await entryWhere(log, ({ kind }) => kind === 'approval')
  expect(asked).toMatchObject({ sessionId, title: 'run', cwd: test.codex.project, count: 1, clearedAt: null })
  expect(asked.text).toContain(COMMAND)
  const { approvals } = await stateWhere(client.session(sessionId), (state) => state.approvals.length > 0)
  await client.command('approval/decide', {
    sessionId,
    approvalId: String(approvals[0]?.id),
    answer: { choice: 'accept' },
  })
  const over = await entryWhere(log, ({ key, clearedAt }) => key === asked.key && clearedAt !== null)
  expect(over).toEqual({
    ...asked,
    clearedAt: expect.any(Number),
    outcome: expect.stringMatching(/^“.+”, by laptop$/),
  })
  const finished = await entryWhere(log, ({ kind }) => kind === 'finished')
  expect(finished).toMatchObject({ sessionId, text: 'done', clearedAt: null })
  const before = entriesOf(log)
  client.close()
  await test.restart()
  await test.hub.settled
  const again = test.client('phone')
  const same = again.attention()
  await until(() => entriesOf(same).length > 0)
  expect(entriesOf(same)).toEqual(before)
  await again.command('session/markRead', { sessionId })
  await entryWhere(same, ({ key, clearedAt }) => key === finished.key && clearedAt !== null)
  await again.command('session/delete', { sessionId })
  await until(() => entriesOf(same).length === 0)
})

it('[ATT2] a turn of which nothing is heard is stalled until it goes on', async () => {
  const { client, log } = await start({ stalledAfterMs: 300 })
  const sessionId = await begin(client, 'hold')
  const stalled = await entryWhere(log, ({ kind }) => kind === 'stalled')
  expect(stalled).toMatchObject({ sessionId, clearedAt: null })
  held.resolve()
  await entryWhere(log, ({ key, clearedAt }) => key === stalled.key && clearedAt !== null)
  await entryWhere(log, ({ kind, clearedAt }) => kind === 'finished' && clearedAt === null)
})

it('[ATT4] [ATT5] a command is run once for each need, and an address is posted to, signed, until it takes it', async () => {
  const secret = `whsec_${Buffer.from('a secret of the tests').toString('base64')}`
  const posts: { headers: IncomingHttpHeaders; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      posts.push({ headers: request.headers, body })
      response.statusCode = posts.length === 1 ? 503 : 204
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const folder = mkdtempSync(join(tmpdir(), 'hooks-'))
  closers.push(() => rmSync(folder, { recursive: true }))
  const { client, log } = await start({
    commands: [
      { command: ['sh', '-c', `cat >> "${folder}/$CODEX_HUB_KIND.jsonl"`], kinds: ['finished'] },
      { command: ['/no/such/program'] },
    ],
    webhooks: [{ url, secret, kinds: ['finished'] }],
  })
  const sessionId = await begin(client, 'hello')
  const finished = await entryWhere(log, ({ kind }) => kind === 'finished')
  await until(() => posts.length === 2)
  const [first, second] = posts
  expect(second?.body).toBe(first?.body)
  expect(JSON.parse(String(second?.body))).toEqual({
    type: 'attention.finished',
    timestamp: new Date(finished.raisedAt).toISOString(),
    data: finished,
  })
  const { headers } = second as (typeof posts)[number]
  const at = Number(headers['webhook-timestamp']) * 1_000
  expect(headers).toMatchObject(signed(finished.key, at, String(second?.body), secret))
  expect(headers['webhook-id']).toBe(finished.key)
  expect(finished.sessionId).toBe(sessionId)
  expect(readFileSync(join(folder, 'finished.jsonl'), 'utf8')).toBe(`${JSON.stringify(finished)}\n`)
})

it('[ATT3] the command line shows what asks for a person as it happens, in words or as JSON, and has the terminal notify', async () => {
  const { client } = await start()
  const env = { CODEX_HUB_HOME: test.folder }
  const address = ['--url', test.hub.url, '--token', test.hub.token]
  const words = startCli(test.folder, [...address, 'watch', '--attention', '--notify'], env)
  const lines = startCli(test.folder, [...address, '--json', 'watch', '--attention', '--notify'], env)
  closers.push(
    () => words.kill(),
    () => lines.kill(),
  )
  await printed(words, /Nothing asks for you/)
  let json = ''
  lines.stdout.on('data', (chunk) => {
    json += String(chunk)
  })
  const isTold = printed(lines, /"kind":"finished".*\n/)
  await begin(client, 'hello')
  const said = await printed(words, /\]9;hello finished: heard: hello/)
  expect(said).toContain('\u001b]9;hello finished: heard: hello\u0007')
  await isTold
  // What is for the terminal is not for the program that reads.
  expect(JSON.parse(json.trim())).toMatchObject({ kind: 'finished', title: 'hello', clearedAt: null })
  const wrong = await startCli(test.folder, [...address, 'watch'], env)
  expect(wrong.exitCode).toBe(2)
})
