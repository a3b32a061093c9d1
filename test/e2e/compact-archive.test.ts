/** What is done to a thread as a whole, against the real Codex and the scripted model. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { cliOf } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

let isDown = false
const script: Script = (request) => {
  if (isDown) return [{ httpStatus: 400, message: 'the model is down' }]
  if (request.lastUserText === 'slow') return [{ say: 'a b c d e f g h i j k l m n', pauseMs: 200 }]
  return [{ inputTokens: 50_000 }, { say: 'heard' }]
}

let test: TestHub
let client: HubClient

beforeAll(async () => {
  test = await makeHub({ script, model: 'gpt-5.5' })
  client = test.client('laptop')
})
afterAll(() => test.close())

async function begin(prompt: string) {
  const { session } = await client.command('session/create', { cwd: test.codex.project, input: text(prompt) })
  return { sessionId: session.id, view: client.session(session.id) }
}

it('[OPS6] a compaction is a turn with an item; a failed one is a failed turn', async () => {
  const { sessionId, view } = await begin('hello')
  const before = await stateWhere(view, (state) => isIdle(state) && state.summary.tokens !== null)
  expect(before.summary.capabilities).toContain('session/compact')
  const { turnId, tokensBefore } = await client.command('session/compact', { sessionId })
  expect(tokensBefore).toEqual(before.summary.tokens)
  const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
  expect(state.turns.at(-1)).toMatchObject({ id: turnId, status: 'completed', error: null })
  expect(state.items.at(-1)).toMatchObject({ type: 'contextCompaction', turnId, status: 'completed' })
  const after = state.summary.tokens?.last.totalTokens ?? Number.POSITIVE_INFINITY
  expect(after).toBeLessThan(tokensBefore?.last.totalTokens ?? 0)
  isDown = true
  try {
    const failed = await client.command('session/compact', { sessionId })
    const end = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 3)
    expect(end.turns.at(-1)).toMatchObject({ id: failed.turnId, status: 'failed' })
  } finally {
    isDown = false
  }
  const told = await cliOf(test.folder)('compact', sessionId, '--watch')
  expect(told.exitCode).toBe(0)
  expect(told.stdout).toMatch(/… made room in its context\n[\d,]+ tokens before, [\d,]+ after\.$/)
})

it('[OPS7] an archived session leaves the list with its items and comes back; not in a running turn', async () => {
  const { sessionId, view } = await begin('slow')
  await stateWhere(view, (state) => said(state).length === 1)
  await expect(client.command('session/archive', { sessionId })).rejects.toMatchObject({
    data: { name: 'notPossible', facts: { reason: 'turnInProgress' } },
  })
  const idle = await stateWhere(view, isIdle)
  expect(idle.summary.capabilities).toContain('session/archive')
  const { session } = await client.command('session/archive', { sessionId })
  expect(session).toMatchObject({ archived: true, phase: 'dormant' })
  expect(session.capabilities).toContain('session/unarchive')
  expect(session.capabilities).not.toContain('session/archive')
  const ids = async (archived: boolean) => {
    const { sessions } = await client.request('session/list', { archived })
    return sessions.map(({ id }) => id)
  }
  expect(await ids(false)).not.toContain(sessionId)
  expect(await ids(true)).toEqual([sessionId])
  const cli = cliOf(test.folder)
  const refused = await cli('send', sessionId, 'and on')
  expect([refused.exitCode, refused.stderr]).toEqual([5, expect.stringContaining('codex-hub unarchive ')])
  expect((await cli('export', sessionId)).stdout).toContain('a b c d e f g')
  const { stdout, exitCode } = await cli('unarchive', sessionId)
  expect({ stdout, exitCode }).toEqual({ stdout: '"slow" is back.', exitCode: 0 })
  expect(await ids(true)).toEqual([])
  const { session: back } = await client.request('session/get', { sessionId })
  expect(back).toMatchObject({ id: sessionId, archived: false, threadId: session.threadId })
  const { items } = await client.request('session/items', { sessionId })
  expect(items.filter(({ type }) => type === 'agentMessage').map(({ body }) => body.text)).toEqual([
    'a b c d e f g h i j k l m n',
  ])
  // That its file moved twice is nobody's writing: it is nobody else's session now.
  await client.command('session/send', { sessionId, input: text('and on') })
  const again = await stateWhere(view, (state) => state.turns.length === 2 && isIdle(state))
  expect([again.summary.door, said(again).length]).toEqual(['driven', 2])
})
