import { describe, expect, it } from 'vitest'
import {
  answerAtOnce,
  OpenApprovals,
  QUESTIONS,
  readApproval,
} from '../../../src/connectors/codex/approvals.ts'
import { SERVER_REQUESTS } from '../../../src/connectors/codex/generated/methods.ts'
import { TurnIds } from '../../../src/connectors/codex/turn-ids.ts'
import type { ApprovalAnswer } from '../../../src/protocol/approval.ts'

const THREAD = 'thread-1'
const TURN = '01a1fc0e-ff56-7af0-ab4e-dd1d7a796586'

function asked(method: string, params: object, codexVersion = '0.169.0') {
  const { request, offers } = readApproval(
    { id: 0, method, params: { threadId: THREAD, turnId: TURN, itemId: 'i1', startedAtMs: 9, ...params } },
    {
      threadId: THREAD,
      instance: 'proc_1',
      turnIds: new TurnIds('proc_1'),
      codexVersion,
      pathsOf: (itemId) => (itemId === 'i1' ? ['/w/a.txt', '/w/b.txt'] : []),
      now: () => 5,
    },
  )
  const open = new OpenApprovals()
  return {
    request,
    /** What Codex is sent for an answer. */
    sent(answer: ApprovalAnswer) {
      open.add(request.key, { id: 0, turnId: TURN, offers })
      return open.take(request.key, answer).response
    },
    /** What Codex is sent for each choice that needs nothing. */
    decisions: Object.fromEntries(
      offers
        .filter(({ choice }) => choice.needs === null)
        .map((entry) => [entry.choice.id, entry.respond({ choice: entry.choice.id })]),
    ),
  }
}

const COMMAND = 'item/commandExecution/requestApproval'
const labels = (choices: readonly { id: string; label: string; effect: string; scope: string }[]) =>
  choices.map(({ id, label, effect, scope }) => [id, label, effect, scope])

describe('approvals', () => {
  it('[COD32] a command is offered exactly the decisions that Codex lists', () => {
    const execpolicy_amendment = ['git', 'status']
    const network = (host: string, action: string) => ({
      applyNetworkPolicyAmendment: { network_policy_amendment: { host, action } },
    })
    const amended = { acceptWithExecpolicyAmendment: { execpolicy_amendment } }
    const availableDecisions = [
      'accept',
      amended,
      network('a.com', 'allow'),
      network('b.com', 'deny'),
      'cancel',
    ]
    const { request, decisions } = asked(COMMAND, {
      command: "/bin/bash -lc 'echo '\\''hi'\\'''",
      reason: 'why',
      availableDecisions,
    })
    expect(request).toMatchObject({
      key: 'proc_1:0',
      kind: 'command',
      title: "echo 'hi'",
      reason: 'why',
      turnId: TURN,
      itemId: 'i1',
      requestedAt: 9,
    })
    expect(labels(request.choices)).toEqual([
      ['accept', 'Allow once', 'allow', 'once'],
      ['acceptWithExecpolicyAmendment', 'Always allow `git status …`', 'allow', 'always'],
      ['allowHost:a.com', 'Always allow network access to a.com', 'allow', 'always'],
      ['denyHost:b.com', 'Always deny network access to b.com', 'deny', 'always'],
      ['cancel', 'Decline and stop the turn', 'cancel', 'once'],
    ])
    expect(Object.values(decisions)).toEqual(availableDecisions.map((decision) => ({ result: { decision } })))
  })

  it('[COD32] where Codex lists none, the usual decisions are offered', () => {
    const { decisions } = asked(COMMAND, { command: 'ls', proposedExecpolicyAmendment: ['ls'] })
    expect(Object.keys(decisions)).toEqual([
      'accept',
      'acceptForSession',
      'acceptWithExecpolicyAmendment',
      'decline',
      'cancel',
    ])
  })

  it('[COD32] a decision of a newer Codex is offered as one that allows, and choices never share an id', () => {
    const news = { acceptUnderMoon: { phase: 'full' } }
    const amend = (...execpolicy_amendment: string[]) => ({
      acceptWithExecpolicyAmendment: { execpolicy_amendment },
    })
    const availableDecisions = [news, amend('a'), amend('b')]
    const { request, decisions } = asked(COMMAND, { command: 'ls', availableDecisions })
    expect(request.choices.map(({ id, effect }) => [id, effect])).toEqual([
      ['acceptUnderMoon', 'allow'],
      ['acceptWithExecpolicyAmendment', 'allow'],
      ['acceptWithExecpolicyAmendment#2', 'allow'],
    ])
    expect(Object.values(decisions)).toEqual(availableDecisions.map((decision) => ({ result: { decision } })))
  })

  it.each([
    [{ command: 'cat\n  file' }, 'cat file'],
    [{ command: 'y', kind: 'writeStdin' }, 'Type into the running command: y'],
    [{ networkApprovalContext: { host: 'a.com', protocol: 'https' } }, 'Network access to a.com (https)'],
    [{}, 'Run a command that Codex does not name'],
    [{ command: 'x'.repeat(1000) }, `${'x'.repeat(299)}…`],
  ])('[COD33] a command has a title of one line: %j', (params, title) => {
    expect(asked(COMMAND, params).request.title).toBe(title)
  })

  it('[COD33] a file change names its files', () => {
    const { request, decisions } = asked('item/fileChange/requestApproval', { reason: null })
    expect(request.title).toBe('Change 2 files: /w/a.txt, /w/b.txt')
    expect(decisions).toEqual({
      accept: { result: { decision: 'accept' } },
      acceptForSession: { result: { decision: 'acceptForSession' } },
      decline: { result: { decision: 'decline' } },
      cancel: { result: { decision: 'cancel' } },
    })
  })

  it('[COD34] permissions are granted as they were asked for, or not at all', () => {
    const fileSystem = { read: null, write: ['/data'] }
    const { request, decisions } = asked('item/permissions/requestApproval', {
      permissions: { network: null, fileSystem },
      reason: 'to write',
    })
    expect(request.title).toBe('More permissions: write /data')
    expect(decisions).toEqual({
      grantForTurn: { result: { permissions: { fileSystem }, scope: 'turn' } },
      grantForSession: { result: { permissions: { fileSystem }, scope: 'session' } },
      decline: { result: { permissions: {}, scope: 'turn' } },
    })
  })

  it('[COD35] questions are answered by id, or skipped', () => {
    const { sent, decisions } = asked('item/tool/requestUserInput', {
      questions: [{ id: 'q', question: 'Which?' }],
    })
    expect(sent({ choice: 'answer', answers: { q: ['Blue', 'note'] } })).toEqual({
      result: { answers: { q: { answers: ['Blue', 'note'] } } },
    })
    expect(() => sent({ choice: 'answer' })).toThrow('needs answers')
    expect(decisions).toEqual({ skip: { result: { answers: {} } } })
  })

  it('[COD36] a form is accepted with its content, a URL or an empty form without', () => {
    const method = 'mcpServer/elicitation/request'
    const schema = { type: 'object', properties: { name: { type: 'string' } } }
    const base = { serverName: 'files', message: 'Your name?', _meta: null }
    const form = asked(method, { ...base, mode: 'form', requestedSchema: schema })
    expect(form.sent({ choice: 'accept', content: { name: 'Ada' } })).toEqual({
      result: { action: 'accept', content: { name: 'Ada' }, _meta: null },
    })
    expect(() => form.sent({ choice: 'accept' })).toThrow('needs content')
    expect(form.decisions).toEqual({
      decline: { result: { action: 'decline', content: null, _meta: null } },
      cancel: { result: { action: 'cancel', content: null, _meta: null } },
    })
    const url = asked(method, { ...base, mode: 'url', url: 'https://a.com', elicitationId: 'e' })
    expect(url.request.title).toBe('files: Your name? https://a.com')
    expect(url.decisions.accept).toEqual({ result: { action: 'accept', content: null, _meta: null } })
    const tool = asked(method, {
      ...base,
      mode: 'form',
      requestedSchema: { type: 'object', properties: {} },
      _meta: { persist: ['session', 'always'] },
    })
    expect(tool.decisions).toMatchObject({
      accept: { result: { action: 'accept', content: {}, _meta: null } },
      acceptForSession: { result: { action: 'accept', content: {}, _meta: { persist: 'session' } } },
      acceptAlways: { result: { action: 'accept', content: {}, _meta: { persist: 'always' } } },
    })
  })

  it('[COD37] a tool of the client is answered with a result or a failure', () => {
    const { request, sent } = asked('item/tool/call', {
      tool: 'weather',
      namespace: null,
      arguments: { city: 'Rome' },
    })
    expect(request.title).toBe('Run weather {"city":"Rome"}')
    expect(sent({ choice: 'result', content: 'sunny' })).toEqual({
      result: { contentItems: [{ type: 'inputText', text: 'sunny' }], success: true },
    })
    const items = [{ type: 'inputImage', imageUrl: 'data:,' }]
    expect(sent({ choice: 'result', content: items })).toEqual({
      result: { contentItems: items, success: true },
    })
    expect(sent({ choice: 'fail', content: { code: 5 } })).toEqual({
      result: { contentItems: [{ type: 'inputText', text: '{"code":5}' }], success: false },
    })
  })

  it('[COD38] the first protocol is answered in its own words', () => {
    const command = asked('execCommandApproval', {
      conversationId: THREAD,
      callId: 'c',
      command: ['bash', '-lc', 'ls'],
    })
    expect(command.request).toMatchObject({ title: 'ls', kind: 'command' })
    expect(Object.values(command.decisions)).toEqual([
      { result: { decision: 'approved' } },
      { result: { decision: 'approved_for_session' } },
      { result: { decision: { denied: { rejection: 'The user declined this.' } } } },
      { result: { decision: 'abort' } },
    ])
    const patch = asked('applyPatchApproval', { fileChanges: { '/w/a.txt': { type: 'add' } } }, '0.98.0')
    expect(patch.request).toMatchObject({ title: 'Change /w/a.txt', kind: 'fileChange' })
    expect(patch.decisions.decline).toEqual({ result: { decision: 'denied' } })
  })

  it('[COD39] an unknown request is shown as it is, and answered raw or refused', () => {
    const { request, sent, decisions } = asked('item/somethingNew', { message: 'Well?' })
    expect(request).toMatchObject({ kind: 'other', title: 'Codex asks: item/somethingNew', reason: 'Well?' })
    expect(sent({ choice: 'respond', content: { any: 1 } })).toEqual({ result: { any: 1 } })
    expect(decisions.refuse).toEqual({
      error: { code: -32_000, message: 'The user refused item/somethingNew.' },
    })
  })

  it('[COD40] every request of the installed release has an answer path, and none a made-up value', () => {
    const atOnce = SERVER_REQUESTS.filter((method) => answerAtOnce(method, 12_345))
    expect(SERVER_REQUESTS.filter((method) => !(method in QUESTIONS) && !atOnce.includes(method))).toEqual([])
    expect(Object.fromEntries(atOnce.map((method) => [method, answerAtOnce(method, 12_345)]))).toEqual({
      'account/chatgptAuthTokens/refresh': {
        error: {
          code: -32_000,
          message: 'This client holds no tokens and cannot answer account/chatgptAuthTokens/refresh.',
        },
      },
      'attestation/generate': {
        error: {
          code: -32_000,
          message: 'This client holds no tokens and cannot answer attestation/generate.',
        },
      },
      'currentTime/read': { result: { currentTimeAt: 12 } },
    })
  })

  it('[COD41] a question of a subagent is asked in this session, without a place in it', () => {
    const { request } = asked(COMMAND, { threadId: 'another', command: 'ls' })
    expect(request).toMatchObject({ title: 'Subagent: ls', turnId: null, itemId: null })
  })

  it.each(SERVER_REQUESTS)('[COD40] %s of an unknown shape is asked nevertheless', (method) => {
    const { request } = asked(method, {
      questions: 5,
      permissions: 'all',
      availableDecisions: [null, 7, {}],
      command: {},
    })
    expect(request.choices.length).toBeGreaterThan(0)
  })
})
