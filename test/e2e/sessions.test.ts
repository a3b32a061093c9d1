import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const version = await versionOfTestCodex()
const isAtLeast = (least: string) => version.localeCompare(least, 'en', { numeric: true }) >= 0

const PATCH = '*** Begin Patch\n*** Update File: notes.txt\n@@\n-old\n+new\n*** End Patch'

/** Nothing that older releases hold for harmless: those run without asking. */
const COMMAND = 'touch made-by-the-agent && echo hi'

const script: Script = (request) => {
  if (request.afterTool) return [{ say: 'after the tool' }]
  const tool = request.toolNames.includes('exec_command') ? 'exec_command' : 'shell'
  const [word] = request.lastUserText.split(' ')
  if (word === 'run') {
    const args = { cmd: COMMAND, sandbox_permissions: 'require_escalated', justification: 'to see' }
    return [
      { call: tool, args: { ...args, command: ['bash', '-lc', COMMAND], with_escalated_permissions: true } },
    ]
  }
  if (word === 'patch') return [{ custom: 'apply_patch', input: PATCH }]
  if (word === 'ask') {
    const options = [
      { label: 'Red', description: 'warm' },
      { label: 'Blue', description: 'cold' },
    ]
    const questions = [{ id: 'colour', header: 'Colour', question: 'Which colour?', options }]
    return [{ call: 'request_user_input', args: { questions } }]
  }
  if (word === 'slow') return [{ say: 'a b c d e f g h i j k l m n o p q r s t u v w x y z', pauseMs: 200 }]
  if (word === 'fail') return [{ httpStatus: 500, message: 'the model is down' }]
  return [{ say: `heard: ${request.userTexts.join(' | ')}` }]
}

let test: TestHub
let client: HubClient

beforeAll(async () => {
  test = await makeHub({
    script,
    // A name of the catalogue brings apply_patch; older releases offer other tools under it than the script calls.
    model: isAtLeast('0.142.0') ? 'gpt-5.5' : 'mock-model',
    ...(isAtLeast('0.169.0') ? { toml: '[features]\ndefault_mode_request_user_input = true' } : {}),
  })
  client = test.client('laptop')
})
afterAll(() => test.close())

async function begin(prompt?: string): Promise<string> {
  const { session } = await client.command('session/create', {
    cwd: test.codex.project,
    settings: { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
    ...(prompt === undefined ? {} : { input: text(prompt) }),
  })
  return session.id
}

async function refusal(run: Promise<unknown>): Promise<HubError> {
  const error = await run.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(HubError)
  return error as HubError
}

describe('a session from a client to the real Codex and back', () => {
  it('[SES1] a created session answers its first prompt, and two clients see the same', async () => {
    const { session, turnId } = await client.command('session/create', {
      cwd: test.codex.project,
      name: 'First',
      input: text('hello there'),
    })
    expect(session).toMatchObject({ title: 'First', titleSource: 'name', door: 'driven', phase: 'working' })
    const [one, two] = [client.session(session.id), test.client('phone').session(session.id)]
    const state = await stateWhere(one, isIdle)
    expect(said(state)).toEqual(['heard: hello there'])
    expect(state.turns).toMatchObject([{ id: turnId, status: 'completed', error: null }])
    expect(state.summary).toMatchObject({
      firstPrompt: 'hello there',
      lastMessage: 'heard: hello there',
      counters: { turns: 1, items: 2, prompts: 1, tools: 0 },
      tokens: { total: { totalTokens: 120 } },
      attention: { reason: 'finished', count: 1 },
      codexVersion: version,
    })
    await stateWhere(two, (other) => JSON.stringify(other) === JSON.stringify(one.getSnapshot().state))
  })

  it('[SES2] prompts of one session share its memory', async () => {
    const sessionId = await begin('one')
    await stateWhere(client.session(sessionId), isIdle)
    await client.command('session/send', { sessionId, input: text('two') })
    const state = await stateWhere(client.session(sessionId), (now) => now.turns.length === 2 && isIdle(now))
    expect(said(state)).toEqual(['heard: one', 'heard: one | two'])
  })

  it('[SES3] a turn is interrupted, and says so', async () => {
    const sessionId = await begin('slow')
    await stateWhere(client.session(sessionId), (state) => (said(state)[0] ?? '').includes('b'))
    await client.command('session/interrupt', { sessionId })
    const state = await stateWhere(client.session(sessionId), isIdle)
    expect(state.turns.map(({ status }) => status)).toEqual(['interrupted'])
    expect(state.items.every(({ status }) => status !== 'inProgress')).toBe(true)
    expect((await refusal(client.command('session/interrupt', { sessionId }))).data.name).toBe('notPossible')
  })

  it('[SES4] a turn that fails says why, asks for attention, and leaves the session usable', async () => {
    const sessionId = await begin('fail')
    const failed = await stateWhere(client.session(sessionId), isIdle)
    expect(failed.turns).toMatchObject([
      { status: 'failed', error: { message: expect.stringContaining('') } },
    ])
    expect(failed.turns[0]?.error?.message.length).toBeGreaterThan(0)
    expect(failed.summary.attention?.reason).toBe('failed')
    await client.command('session/send', { sessionId, input: text('better') })
    const state = await stateWhere(client.session(sessionId), (now) => now.turns.length === 2 && isIdle(now))
    expect(state.turns.at(-1)?.status).toBe('completed')
  })

  it('[SES5] who wants no waiting is refused in a running turn, also when both come at once', async () => {
    const sessionId = await begin()
    const answers = await Promise.allSettled(
      ['slow 1', 'slow 2'].map((prompt) =>
        client.command('session/send', { sessionId, input: text(prompt), whenBusy: 'reject' }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const rejected = answers.find(({ status }) => status === 'rejected') as PromiseRejectedResult
    expect(rejected.reason.data).toMatchObject({ name: 'notPossible', facts: { reason: 'turnInProgress' } })
    const state = await stateWhere(client.session(sessionId), (now) => (said(now)[0] ?? '').includes('b'))
    await client.command('session/end', { sessionId })
    expect(state.items.filter(({ type }) => type === 'userMessage')).toHaveLength(1)
  })

  it('[SES6] an ended session has no process, and resumes with its memory when it is sent a prompt', async () => {
    const sessionId = await begin('remember me')
    await stateWhere(client.session(sessionId), isIdle)
    const { session } = await client.command('session/end', { sessionId })
    expect(session).toMatchObject({ phase: 'closed', door: 'dormant' })
    const { processes } = await client.request('hub/status', {})
    expect(processes.filter((process) => process.sessionId === sessionId)).toEqual([])
    await client.command('session/send', { sessionId, input: text('who am I?') })
    const state = await stateWhere(client.session(sessionId), (now) => now.turns.length === 2 && isIdle(now))
    expect(said(state).at(-1)).toBe('heard: remember me | who am I?')
    expect(test.codex.model.requests.at(-1)?.userTexts).toEqual(['remember me', 'who am I?'])
    expect(state.items).toHaveLength(4)
  })

  it('[SES7] a name reaches Codex and comes back from it', async () => {
    const sessionId = await begin('name me')
    await stateWhere(client.session(sessionId), isIdle)
    await client.command('session/rename', { sessionId, name: 'A better name' })
    const state = await stateWhere(
      client.session(sessionId),
      ({ summary }) => summary.title === 'A better name',
    )
    // Up to 0.142 Codex writes it down after its answer.
    const named = `"id":"${state.summary.threadId}","thread_name":"A better name"`
    await until(() => readFileSync(join(test.codex.home, 'session_index.jsonl'), 'utf8').includes(named))
  })

  it('[SES8] settings change from the next turn on and are kept across a restart of the hub', async () => {
    const sessionId = await begin('before')
    await stateWhere(client.session(sessionId), isIdle)
    await client.command('session/configure', {
      sessionId,
      settings: { approvalPolicy: 'never', sandbox: 'read-only' },
    })
    await client.command('session/send', { sessionId, input: text('after') })
    const changed = { approvalPolicy: 'never', sandbox: 'read-only' }
    const state = await stateWhere(client.session(sessionId), (now) => now.turns.length === 2 && isIdle(now))
    expect(state.summary.settings).toMatchObject(changed)
    await client.command('session/end', { sessionId })
    await test.restart()
    client = test.client('laptop')
    const { session } = await client.command('session/resume', { sessionId })
    expect(session.settings).toMatchObject(changed)
  })

  it('[SES9] the models of Codex are listed with their efforts', async () => {
    const { models } = await client.request('model/list', {})
    expect(models.length).toBeGreaterThan(0)
    expect(models.every(({ id, efforts }) => id !== '' && efforts.length > 0)).toBe(true)
  })

  it('[SES10] items, turns and a single text can be read page by page', async () => {
    const sessionId = await begin('page me')
    await stateWhere(client.session(sessionId), isIdle)
    const first = await client.request('session/items', { sessionId, limit: 1, order: 'oldestFirst' })
    expect(first.items.map(({ type }) => type)).toEqual(['userMessage'])
    const second = await client.request('session/items', {
      sessionId,
      limit: 1,
      order: 'oldestFirst',
      pageToken: first.nextPageToken ?? '',
    })
    expect(second.items.map(({ type }) => type)).toEqual(['agentMessage'])
    const itemId = second.items[0]?.id ?? ''
    expect(
      await client.request('item/read', { sessionId, itemId, field: 'text', offset: 7, length: 4 }),
    ).toEqual({
      text: 'page',
      total: 'heard: page me'.length,
    })
    expect((await client.request('session/turns', { sessionId })).turns).toHaveLength(1)
  })
})

describe('approvals', () => {
  it('[APR1] a command waits for a person, and runs once it is allowed', async () => {
    const sessionId = await begin('run')
    const session = client.session(sessionId)
    const waiting = await stateWhere(session, ({ summary }) => summary.phase === 'awaitingApproval')
    const [approval] = waiting.approvals
    expect(approval).toMatchObject({
      kind: 'command',
      state: 'pending',
      reason: 'to see',
      title: expect.stringContaining('echo hi'),
    })
    expect(waiting.summary.attention).toMatchObject({ reason: 'approval', count: 1 })
    await client.command('approval/decide', {
      sessionId,
      approvalId: approval?.id ?? '',
      answer: { choice: 'accept' },
    })
    // 0.142 may tell of a command's end after its turn's.
    const done = await stateWhere(
      session,
      (state) =>
        isIdle(state) &&
        state.items.some(({ type, status }) => type === 'commandExecution' && status === 'completed'),
    )
    expect(done.approvals[0]?.outcome).toMatchObject({
      choice: 'accept',
      by: { clientId: 'id-laptop', name: 'laptop' },
    })
    expect(done.items.find(({ type }) => type === 'commandExecution')).toMatchObject({
      status: 'completed',
      body: { exitCode: 0, aggregatedOutput: expect.stringContaining('hi') },
    })
  })

  it('[APR2] what is refused does not run', async () => {
    const sessionId = await begin('run')
    const session = client.session(sessionId)
    const { approvals } = await stateWhere(session, ({ summary }) => summary.phase === 'awaitingApproval')
    const choice = approvals[0]?.choices.find(({ effect }) => effect !== 'allow')?.id ?? ''
    await client.command('approval/decide', {
      sessionId,
      approvalId: approvals[0]?.id ?? '',
      answer: { choice },
    })
    const done = await stateWhere(session, isIdle)
    expect(done.items.find(({ type }) => type === 'commandExecution')?.body.exitCode ?? null).toBe(null)
    expect(done.approvals[0]).toMatchObject({ state: 'decided', outcome: { choice } })
  })

  it('[APR3] of two answers the first wins; the other is told who decided what and when', async () => {
    const sessionId = await begin('run')
    const phone = test.client('phone')
    const { approvals } = await stateWhere(
      phone.session(sessionId),
      ({ summary }) => summary.phase === 'awaitingApproval',
    )
    const decide = (who: HubClient) =>
      who.command('approval/decide', {
        sessionId,
        approvalId: approvals[0]?.id ?? '',
        answer: { choice: 'accept' },
      })
    const answers = await Promise.allSettled([decide(client), decide(phone)])
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const winner = answers[0]?.status === 'fulfilled' ? 'laptop' : 'phone'
    const loser = answers.find(({ status }) => status === 'rejected') as PromiseRejectedResult
    expect(loser.reason.data).toMatchObject({
      name: 'stale',
      facts: { decision: 'accept', by: { name: winner }, at: expect.any(Number) },
    })
    const seen = await stateWhere(phone.session(sessionId), isIdle)
    expect(seen.approvals[0]?.outcome?.by?.name).toBe(winner)
    const late = await refusal(decide(phone))
    expect(late.data).toMatchObject({ name: 'stale', facts: { by: { name: winner } } })
  })

  it('[APR4] an interrupted turn withdraws its approval', async () => {
    const sessionId = await begin('run')
    const session = client.session(sessionId)
    await stateWhere(session, ({ summary }) => summary.phase === 'awaitingApproval')
    await client.command('session/interrupt', { sessionId })
    const done = await stateWhere(session, isIdle)
    expect(done.approvals.map(({ state }) => state)).not.toContain('pending')
    expect(done.summary.attention?.reason).not.toBe('approval')
  })

  it.runIf(isAtLeast('0.142.0'))(
    '[APR5] a patch outside the rules waits, and changes the file once it is allowed',
    async () => {
      const file = join(test.codex.project, 'notes.txt')
      writeFileSync(file, 'old\n')
      const { session: made } = await client.command('session/create', {
        cwd: test.codex.project,
        settings: { approvalPolicy: 'on-request', sandbox: 'read-only' },
        input: text('patch'),
      })
      const session = client.session(made.id)
      const waiting = await stateWhere(session, ({ summary }) => summary.phase === 'awaitingApproval')
      expect(waiting.approvals[0]).toMatchObject({
        kind: 'fileChange',
        title: expect.stringContaining('notes.txt'),
      })
      expect(readFileSync(file, 'utf8')).toBe('old\n')
      const approvalId = waiting.approvals[0]?.id ?? ''
      await client.command('approval/decide', {
        sessionId: made.id,
        approvalId,
        answer: { choice: 'accept' },
      })
      const done = await stateWhere(session, isIdle)
      expect(readFileSync(file, 'utf8')).toBe('new\n')
      expect(done.items.find(({ type }) => type === 'fileChange')).toMatchObject({ status: 'completed' })
      expect(done.diff?.files).toEqual([{ path: expect.stringContaining('notes.txt'), added: 1, removed: 1 }])
      const sessionId = made.id
      expect(await client.request('session/diff', { sessionId })).toEqual({
        turnId: done.turns.at(-1)?.id,
        unified: expect.stringContaining('-old\n+new\n'),
      })
      expect((await client.request('session/approvals', { sessionId })).approvals).toMatchObject([
        { id: approvalId, state: 'decided', outcome: { choice: 'accept', by: { name: 'laptop' } } },
      ])
    },
  )

  it.runIf(isAtLeast('0.169.0'))('[APR6] a question is answered by its choices', async () => {
    const sessionId = await begin('ask')
    const session = client.session(sessionId)
    const { approvals, summary } = await stateWhere(
      session,
      (state) => state.summary.phase === 'awaitingApproval',
    )
    expect(summary.attention?.reason).toBe('question')
    expect(approvals[0]).toMatchObject({
      kind: 'question',
      choices: expect.arrayContaining([expect.objectContaining({ id: 'answer', needs: 'answers' })]),
    })
    await client.command('approval/decide', {
      sessionId,
      approvalId: approvals[0]?.id ?? '',
      answer: { choice: 'answer', answers: { colour: ['Blue'] } },
    })
    await stateWhere(session, isIdle)
    expect(test.codex.model.requests.at(-1)?.toolOutputs.at(-1)).toContain('Blue')
  })
})

describe('commands', () => {
  it('[SES11] a repeated commandId is answered as the first time, at once and on another connection', async () => {
    const sessionId = await begin()
    const commandId = crypto.randomUUID()
    const send = (who: HubClient) =>
      who.command('session/send', { sessionId, commandId, input: text('once') })
    const [first, second] = await Promise.all([send(client), send(test.client('other'))])
    expect(second).toEqual(first)
    const state = await stateWhere(client.session(sessionId), isIdle)
    expect(await send(client)).toEqual(first)
    expect(state.turns).toHaveLength(1)
    const other = client.command('session/send', { sessionId, commandId, input: text('something else') })
    expect((await refusal(other)).data.name).toBe('commandConflict')
  })

  it('[SES12] a session that nothing is known of, or that cannot do it now, is refused with the reason', async () => {
    const missing = await refusal(client.command('session/send', { sessionId: 'ses_none', input: text('x') }))
    expect(missing.data).toMatchObject({
      name: 'sessionNotFound',
      retry: 'never',
      facts: { sessionId: 'ses_none' },
    })
    const sessionId = await begin()
    const decide = client.command('approval/decide', {
      sessionId,
      approvalId: 'none',
      answer: { choice: 'accept' },
    })
    expect((await refusal(decide)).data.name).toBe('notFound')
    const cwd = join(test.codex.project, 'missing')
    expect((await refusal(client.command('session/create', { cwd }))).data).toMatchObject({
      name: 'invalidPath',
      facts: { cwd },
    })
    expect((await refusal(client.command('session/create', { cwd: 'relative' }))).data.name).toBe(
      'invalidPath',
    )
  })
})
