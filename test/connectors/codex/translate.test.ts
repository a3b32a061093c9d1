import { describe, expect, it } from 'vitest'
import { SERVER_NOTIFICATIONS } from '../../../src/connectors/codex/generated/methods.ts'
import type { TranslateContext } from '../../../src/connectors/codex/notifications/rule.ts'
import { translate } from '../../../src/connectors/codex/translate.ts'
import { TurnIds } from '../../../src/connectors/codex/turn-ids.ts'
import type { SessionEvent } from '../../../src/connectors/event.ts'

const THREAD = '01a1fc0e-feda-7080-8376-dedd3ee0c976'
const TURN = '01a1fc0e-ff56-7af0-ab4e-dd1d7a796586'

function told(method: string, params: unknown): { events: SessionEvent[]; isRead: boolean } {
  const events: SessionEvent[] = []
  const context: TranslateContext = {
    threadId: THREAD,
    instance: 'proc_1',
    turnIds: new TurnIds('proc_1'),
    now: () => 5000,
    emit: (event) => events.push(event),
  }
  return { isRead: translate(context, method, params), events }
}

const ours = (fields: object) => ({ threadId: THREAD, turnId: TURN, ...fields })
const at = { turnId: TURN, itemId: 'i1' }

describe('translate', () => {
  it.each<[string, object, SessionEvent]>([
    [
      'item/agentMessage/delta',
      { itemId: 'i1', delta: 'a' },
      { type: 'append', ...at, field: 'text', text: 'a' },
    ],
    ['item/plan/delta', { itemId: 'i1', delta: 'a' }, { type: 'append', ...at, field: 'text', text: 'a' }],
    [
      'item/commandExecution/outputDelta',
      { itemId: 'i1', delta: 'a' },
      { type: 'append', ...at, field: 'aggregatedOutput', text: 'a' },
    ],
    [
      'item/reasoning/summaryTextDelta',
      { itemId: 'i1', delta: 'a', summaryIndex: 2 },
      { type: 'append', ...at, field: 'summary', index: 2, text: 'a' },
    ],
    [
      'item/reasoning/textDelta',
      { itemId: 'i1', delta: 'a', contentIndex: 0 },
      { type: 'append', ...at, field: 'content', index: 0, text: 'a' },
    ],
    [
      'item/fileChange/patchUpdated',
      { itemId: 'i1', changes: [{ path: 'a' }] },
      { type: 'itemBody', itemId: 'i1', patch: { changes: [{ path: 'a' }] } },
    ],
    ['turn/diff/updated', { diff: 'd' }, { type: 'diff', turnId: TURN, unified: 'd' }],
    [
      'turn/plan/updated',
      { explanation: null, plan: [{ step: 'one', status: 'completed' }, { status: 'lost' }] },
      {
        type: 'plan',
        plan: { turnId: TURN, explanation: null, steps: [{ step: 'one', status: 'completed' }] },
      },
    ],
    [
      'thread/status/changed',
      { status: { type: 'active', activeFlags: ['waitingOnApproval'] } },
      { type: 'status', status: 'active', flags: ['waitingOnApproval'] },
    ],
    ['thread/name/updated', { threadName: 'n' }, { type: 'thread', facts: { name: 'n' } }],
    ['thread/name/updated', {}, { type: 'thread', facts: { name: null } }],
    ['thread/archived', {}, { type: 'thread', facts: { archived: true } }],
    ['thread/unarchived', {}, { type: 'thread', facts: { archived: false } }],
    [
      'thread/settings/updated',
      {
        threadSettings: {
          cwd: '/w',
          approvalPolicy: 'never',
          sandboxPolicy: { type: 'dangerFullAccess' },
          model: 'm',
          modelProvider: 'p',
          effort: 'high',
        },
      },
      {
        type: 'thread',
        facts: {
          cwd: '/w',
          settings: {
            model: 'm',
            modelProvider: 'p',
            effort: 'high',
            approvalPolicy: 'never',
            sandbox: 'danger-full-access',
          },
        },
      },
    ],
    ['serverRequest/resolved', { requestId: 0 }, { type: 'approvalResolved', key: 'proc_1:0' }],
    [
      'error',
      { error: { message: 'm', codexErrorInfo: null }, willRetry: true },
      { type: 'error', turnId: TURN, message: 'm', willRetry: true },
    ],
    ['warning', { message: 'w' }, { type: 'warning', message: 'w' }],
    ['guardianWarning', { message: 'w' }, { type: 'warning', message: 'w' }],
    ['configWarning', { summary: 's', details: null }, { type: 'warning', message: 's' }],
    ['deprecationNotice', { summary: 's', details: 'd' }, { type: 'warning', message: 's d' }],
  ])('[COD24] %s becomes one event of the hub', (method, params, event) => {
    expect(told(method, ours(params))).toEqual({ isRead: true, events: [event] })
  })

  it.each([
    ['failed', 'item/completed', 'failed'],
    ['declined', 'item/completed', 'declined'],
    ['inProgress', 'item/completed', 'completed'],
    ['generating', 'item/completed', 'completed'],
    ['generating', 'item/started', 'inProgress'],
    [undefined, 'item/started', 'inProgress'],
  ])('[COD25] an item that says %s of itself at %s is %s', (status, method, expected) => {
    const item = { id: 'i1', type: 'somethingNew', status, detail: { kept: true } }
    const { events } = told(method, ours({ item, startedAtMs: 1000, completedAtMs: 2000 }))
    expect(events).toEqual([
      {
        type: 'item',
        turnId: TURN,
        item: {
          id: 'i1',
          type: 'somethingNew',
          status: expected,
          startedAt: 1000,
          completedAt: 2000,
          body: { status, detail: { kept: true } },
        },
      },
    ])
  })

  it('[COD25] an item of a release that gives no times has those of its arrival', () => {
    const started = told('item/started', ours({ item: { id: 'i1', type: 'agentMessage', text: '' } }))
    expect(started.events).toMatchObject([{ item: { startedAt: 5000, completedAt: null } }])
    const completed = told('item/completed', ours({ item: { id: 'i1', type: 'agentMessage', text: 'a' } }))
    expect(completed.events).toMatchObject([{ item: { startedAt: null, completedAt: 5000 } }])
  })

  it('[COD26] the end of a turn has milliseconds, its status and the sentence inside of its error', () => {
    const message = JSON.stringify({ error: { message: 'Too many requests.', type: 'x' } })
    const error = { message, codexErrorInfo: { httpConnectionFailed: { httpStatusCode: 429 } } }
    const turn = { id: TURN, status: 'failed', error, startedAt: 100, completedAt: 100, durationMs: 118 }
    expect(told('turn/completed', { threadId: THREAD, turn }).events).toEqual([
      {
        type: 'turnCompleted',
        turn: {
          id: TURN,
          status: 'failed',
          error: { message: 'Too many requests.', code: 'httpConnectionFailed' },
          startedAt: 100_000,
          completedAt: 100_118,
        },
      },
    ])
  })

  it('[COD27] rate limits that say nothing are not told, others as they came', () => {
    const empty = { limitId: 'codex', limitName: null, primary: null, secondary: null, planType: null }
    expect(told('account/rateLimits/updated', { rateLimits: empty }).events).toEqual([])
    const full = { ...empty, primary: { usedPercent: 80 } }
    expect(told('account/rateLimits/updated', { rateLimits: full }).events).toEqual([
      { type: 'rateLimits', rateLimits: full },
    ])
  })

  it('[COD28] what belongs to a subagent is passed on and never mixed in', () => {
    const params = { threadId: 'another', turnId: 'x', itemId: 'i1', delta: 'a' }
    expect(told('item/agentMessage/delta', params)).toEqual({
      isRead: true,
      events: [{ type: 'opaque', method: 'item/agentMessage/delta', params }],
    })
    const thread = { thread: { id: 'another' } }
    expect(told('thread/started', thread).events).toEqual([
      { type: 'opaque', method: 'thread/started', params: thread },
    ])
  })

  it('[COD29] an unknown method is passed on as it is', () => {
    const params = { threadId: THREAD, news: [1] }
    expect(told('thread/somethingNew', params)).toEqual({
      isRead: true,
      events: [{ type: 'opaque', method: 'thread/somethingNew', params }],
    })
  })

  it('[COD30] no notification of the installed release, malformed in any way, throws or is half told', () => {
    for (const method of SERVER_NOTIFICATIONS) {
      for (const params of [
        undefined,
        null,
        7,
        [],
        {},
        { threadId: THREAD },
        { threadId: THREAD, turn: 1, item: [] },
      ]) {
        const { isRead, events } = told(method, params)
        if (!isRead) expect(events).toEqual([])
      }
    }
    expect(told('item/agentMessage/delta', ours({ itemId: 'i1' }))).toEqual({ isRead: false, events: [] })
    expect(told('item/started', ours({ item: { type: 'agentMessage' } }))).toEqual({
      isRead: false,
      events: [],
    })
  })

  it('[COD31] the doubled events of old releases are left out', () => {
    expect(told('codex/event/agent_message_delta', { msg: {} })).toEqual({ isRead: true, events: [] })
  })
})
