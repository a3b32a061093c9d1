/**
 * Histories of valid deltas for property tests: what a hub may send, from nothing. Long texts are made by repeating a
 * short one, so that the real limits are crossed cheaply.
 */
import fc from 'fast-check'
import type { Approval } from '../../src/protocol/approval.ts'
import type { Delta } from '../../src/protocol/delta.ts'
import type { Goal } from '../../src/protocol/goal.ts'
import { TEXT_LIMIT } from '../../src/protocol/growing-text.ts'
import type { Item } from '../../src/protocol/item.ts'
import type { McpStartup } from '../../src/protocol/mcp-server.ts'
import { EMPTY_QUEUE, type QueueEntry } from '../../src/protocol/queue.ts'
import type { SessionBase } from '../../src/protocol/session-state.ts'
import type { Summary } from '../../src/protocol/summary.ts'
import type { Turn } from '../../src/protocol/turn.ts'

export const SUMMARY: Summary = {
  id: 'ses_1',
  threadId: null,
  codexSessionId: null,
  forkedFromThreadId: null,
  door: 'driven',
  phase: 'idle',
  title: 'A session',
  titleSource: 'slug',
  cwd: '/work',
  git: null,
  settings: { model: null, modelProvider: null, effort: null, approvalPolicy: null, sandbox: null },
  isolation: null,
  codexVersion: null,
  capabilities: [],
  attention: null,
  problem: null,
  note: null,
  reading: null,
  parentThreadId: null,
  imported: null,
  subagent: null,
  counters: { turns: 0, items: 0, prompts: 0, tools: 0 },
  lastTool: null,
  firstPrompt: null,
  lastMessage: null,
  tokens: null,
  rateLimits: null,
  unread: 0,
  archived: false,
  createdAt: 0,
  updatedAt: 0,
  evidenceAt: null,
}

/** Few ids, so that deltas meet; the place of each is fixed by its id, as the hub gives it. */
const place = fc.oneof(fc.nat(12), fc.nat(600))
const FIELDS = ['text', 'aggregatedOutput', '__proto__', 'constructor'] as const

/** Some with surrogate pairs, quotes and control characters, which weigh differently in every measure. */
const shortText = fc.string({ unit: 'binary', maxLength: 12 })
const halves = fc.constantFrom('\ud83d', '\ude00', 'a\ud83d', '\ude00b')
const longText = fc
  .tuple(fc.constantFrom('a', 'é', '😀', '"\\', '\u001b[0m', 'x😀'), fc.integer({ min: 1, max: TEXT_LIMIT }))
  .map(([unit, units]) => unit.repeat(Math.ceil(units / unit.length)).slice(0, units))
export const text = fc.oneof(
  { weight: 12, arbitrary: shortText },
  { weight: 2, arbitrary: halves },
  { weight: 1, arbitrary: longText },
)
/** Larger than a frame of 4 KiB, smaller than one of 64. */
const someText = shortText.map((text) => `${text}${'😀"x'.repeat(800)}`)
const body = fc.dictionary(
  fc.constantFrom(...FIELDS, 'content', 'exitCode'),
  fc.oneof(text, someText, fc.constant(null), fc.array(fc.oneof(shortText, someText), { maxLength: 3 })),
  { maxKeys: 3 },
)

const status = fc.constantFrom('inProgress', 'completed', 'failed')
const item = fc.record({ place, status, body, cutField: fc.constantFrom(null, ...FIELDS) }).map(
  ({ place, status, body, cutField }): Item => ({
    id: `item_${place}`,
    turnId: 'turn_1',
    seq: place,
    type: 'agentMessage',
    status,
    startedAt: null,
    completedAt: null,
    body: body as Record<string, unknown>,
    // As the store gives back what was cut while it streamed.
    ...(cutField && Object.hasOwn(body, cutField) ? { cut: { [cutField]: 5_000_000 } } : {}),
  }),
)

const turn = fc.record({ place: fc.nat(150), status: fc.constantFrom('inProgress', 'completed') }).map(
  ({ place, status }): Turn => ({
    id: `turn_${place}`,
    seq: place,
    status: status as Turn['status'],
    error: null,
    startedAt: null,
    completedAt: null,
    model: null,
    effort: null,
  }),
)

const approval = fc.record({ place: fc.nat(60), isOpen: fc.boolean(), title: shortText }).map(
  ({ place, isOpen, title }): Approval => ({
    id: `approval_${place}`,
    kind: 'command',
    state: isOpen ? 'pending' : 'withdrawn',
    turnId: null,
    itemId: null,
    title,
    reason: null,
    choices: [],
    method: 'item/commandExecution/requestApproval',
    params: {},
    requestedAt: place,
    outcome: null,
  }),
)

const append = fc.oneof(
  fc
    .record({ place, field: fc.constantFrom(...FIELDS), text })
    .map(({ place, field, text }): Delta => ({ op: 'append', itemId: `item_${place}`, field, text })),
  fc.record({ place, index: fc.nat(4), text }).map(
    ({ place, index, text }): Delta => ({
      op: 'append',
      itemId: `item_${place}`,
      field: 'content',
      index,
      text,
    }),
  ),
)

const queueEntry = fc.record({ place: fc.nat(60), text: shortText }).map(
  ({ place, text }): QueueEntry => ({
    id: `que_${place}`,
    seq: place,
    state: 'waiting',
    text,
    attachments: 0,
    bytes: 100,
    settings: {},
    cwd: null,
    hasOutputSchema: false,
    notBefore: null,
    by: { clientId: null, name: 'somebody' },
    createdAt: place,
    edition: 0,
    problem: null,
  }),
)

const mcpServer = fc.record({ place: fc.nat(60), error: fc.option(someText) }).map(
  ({ place, error }): McpStartup => ({
    name: `server_${place}`,
    state: error === null ? 'ready' : 'failed',
    error,
  }),
)

const goal = fc.record({ objective: someText, tokensUsed: fc.nat() }).map(
  ({ objective, tokensUsed }): Goal => ({
    objective,
    status: 'active',
    tokenBudget: null,
    tokensUsed,
    timeUsedMs: 0,
    createdAt: 0,
    updatedAt: 0,
  }),
)

const base = fc.record({
  mcpServers: fc.uniqueArray(mcpServer, { selector: ({ name }) => name, minLength: 1, maxLength: 40 }),
  goal: fc.option(goal),
  turns: fc.uniqueArray(turn, { selector: ({ seq }) => seq, maxLength: 120 }),
  approvals: fc.uniqueArray(approval, { selector: ({ id }) => id, maxLength: 40 }),
  entries: fc.uniqueArray(queueEntry, { selector: ({ seq }) => seq, maxLength: 40 }),
  title: shortText,
})
const reset = base.map(({ turns, approvals, entries, title, mcpServers, goal }): Delta => {
  const state: SessionBase = {
    summary: { ...SUMMARY, title },
    turns: turns.toSorted((a, b) => a.seq - b.seq),
    approvals,
    plan: null,
    diff: null,
    warnings: [],
    queue: { ...EMPTY_QUEUE, entries: entries.toSorted((a, b) => a.seq - b.seq) },
    mcpServers,
    goal,
  }
  return { op: 'reset', state }
})

/** Items in bulk: enough to push others out of the window. */
const bulk = fc
  .record({ first: fc.nat(400), count: fc.integer({ min: 50, max: 450 }), status })
  .map(({ first, count, status }): Delta[] =>
    Array.from({ length: count }, (_, index) => ({
      op: 'item',
      item: {
        id: `item_${first + index}`,
        turnId: 'turn_1',
        seq: first + index,
        type: 'reasoning',
        status,
        startedAt: null,
        completedAt: null,
        body: {},
      },
    })),
  )

const single: fc.Arbitrary<Delta> = fc.oneof(
  { weight: 6, arbitrary: item.map((item): Delta => ({ op: 'item', item })) },
  { weight: 10, arbitrary: append },
  {
    weight: 2,
    arbitrary: fc.record({ place, status, body }).map(
      ({ place, status, body }): Delta => ({
        op: 'itemPatch',
        itemId: `item_${place}`,
        status,
        body: body as Record<string, unknown>,
      }),
    ),
  },
  { weight: 2, arbitrary: turn.map((turn): Delta => ({ op: 'turn', turn })) },
  { weight: 2, arbitrary: approval.map((approval): Delta => ({ op: 'approval', approval })) },
  {
    weight: 1,
    arbitrary: fc.record({ items: fc.array(place), turns: fc.array(fc.nat(150)) }).map(
      ({ items, turns }): Delta => ({
        op: 'remove',
        itemIds: items.map((n) => `item_${n}`),
        turnIds: turns.map((n) => `turn_${n}`),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ title: fc.option(shortText, { nil: undefined }), unread: fc.nat(3) })
      .map((patch): Delta => ({ op: 'summary', patch })),
  },
  {
    weight: 1,
    arbitrary: shortText.map((message): Delta => ({ op: 'warning', warning: { message, at: 1 } })),
  },
  {
    weight: 1,
    arbitrary: text.map((unified): Delta => ({ op: 'diff', diff: { turnId: null, unified, files: [] } })),
  },
  {
    weight: 1,
    arbitrary: shortText.map(
      (explanation): Delta => ({ op: 'plan', plan: { turnId: null, explanation, steps: [] } }),
    ),
  },
  { weight: 2, arbitrary: mcpServer.map((server): Delta => ({ op: 'mcpServer', server })) },
  { weight: 1, arbitrary: fc.option(goal).map((goal): Delta => ({ op: 'goal', goal })) },
  { weight: 1, arbitrary: fc.constant<Delta>({ op: 'processGone' }) },
  { weight: 2, arbitrary: queueEntry.map((entry): Delta => ({ op: 'queueEntry', entry })) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.nat(60))
      .map((places): Delta => ({ op: 'queueRemove', entryIds: places.map((n) => `que_${n}`) })),
  },
  {
    weight: 1,
    arbitrary: place.map(
      (n): Delta => ({ op: 'queueSent', sent: { id: `que_${n}`, turnId: `turn_${n}`, at: n } }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.option(shortText).map(
      (message): Delta => ({
        op: 'queueHold',
        hold: message === null ? null : { reason: 'paused', message, by: null, at: 1 },
      }),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Delta>({ op: 'opaque', method: 'thread/new', params: null }) },
)

/** Deltas of one session. Every history begins with a reset, as every stream does. */
export const history: fc.Arbitrary<Delta[]> = fc
  .tuple(
    reset,
    fc.array(
      fc.oneof(
        { weight: 40, arbitrary: single.map((delta) => [delta]) },
        { weight: 2, arbitrary: bulk },
        { weight: 1, arbitrary: reset.map((delta) => [delta]) },
      ),
      { maxLength: 60, size: 'max' },
    ),
  )
  .map(([first, groups]) => [first, ...groups.flat()])

/** Appends to a few items, as they come while a turn runs. */
export const burst: fc.Arbitrary<Delta[]> = fc.array(append, { maxLength: 30, size: 'max' })
