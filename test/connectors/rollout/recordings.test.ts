import { expect, test } from 'vitest'
import type { SessionEvent, SourceItem } from '../../../src/connectors/event.ts'
import { settleTurn } from '../../../src/connectors/rollout/turns.ts'
import { itemsOf, parseRecording, VERSIONS } from './rollouts.ts'

/** What a person sees, without what each release words in its own way: the shell's own path, hunk positions. */
function seen({ type, status, body }: SourceItem): unknown {
  switch (type) {
    case 'userMessage':
      return { prompt: (body.content as { text: string }[])[0]?.text }
    case 'agentMessage':
      return { answer: body.text }
    case 'reasoning':
      return { reasoning: body.summary }
    case 'commandExecution': {
      const command = String(body.command).replace(/^(?:\/bin\/)?bash -lc '(.*)'$/s, '$1')
      return { command, output: body.aggregatedOutput, exitCode: body.exitCode, status }
    }
    case 'fileChange': {
      const changes = (body.changes as { path: string; kind: object; diff: string }[]).map((change) => ({
        ...change,
        diff: change.diff.replace(/^@@.*$/gm, '@@'),
      }))
      return { changes, status }
    }
    default:
      return { type, status }
  }
}

function normalised(version: string): unknown {
  const { events, state } = parseRecording(version)
  events.push(...settleTurn(state))
  const turns = new Map<string, { status: string; items: unknown[] }>()
  for (const each of events) {
    if (each.type !== 'turnStarted' && each.type !== 'turnCompleted') continue
    turns.set(each.turn.id, { status: each.turn.status, items: [] })
  }
  for (const item of itemsOf(events)) {
    const turn = turns.get(item.turnId)
    // 0.47 and 0.63 do not write down a command that was interrupted.
    if (turn?.status === 'interrupted' && item.type === 'commandExecution') continue
    turn?.items.push(seen(item))
  }
  return [...turns.values()]
}

const done = (status: string, ...items: unknown[]) => ({ status, items })
const EXPECTED = [
  done(
    'completed',
    { prompt: 'Say hello – 你好' },
    { reasoning: ['A greeting is wanted.'] },
    { answer: 'Hello – 你好' },
  ),
  done(
    'completed',
    { prompt: 'What is in greeting.txt?' },
    { answer: 'I will look.' },
    { command: 'cat greeting.txt', output: 'hello\n', exitCode: 0, status: 'completed' },
    { answer: 'Done: What is in greeting.txt?' },
  ),
  done(
    'completed',
    { prompt: 'Run something that fails' },
    { command: 'echo broken && exit 3', output: 'broken\n', exitCode: 3, status: 'failed' },
    { answer: 'Done: Run something that fails' },
  ),
  done('completed', { prompt: 'Make a plan' }, { answer: 'Done: Make a plan' }),
  done(
    'completed',
    { prompt: 'Change the greeting' },
    {
      status: 'completed',
      changes: [
        {
          path: '/home/user/project/greeting.txt',
          kind: { type: 'update', move_path: null },
          diff: '@@\n-hello\n+hello, world\n',
        },
        { path: '/home/user/project/notes/todo.txt', kind: { type: 'add' }, diff: 'first\nsecond\n' },
      ],
    },
    { answer: 'Done: Change the greeting' },
  ),
  done('interrupted', { prompt: 'Wait for ever' }, { answer: 'Waiting.' }),
  done(
    'completed',
    { prompt: 'Go on after the compaction' },
    { command: 'echo full', output: 'full\n', exitCode: 0, status: 'completed' },
    { type: 'contextCompaction', status: 'completed' },
    { answer: 'Done: Go on after the compaction' },
  ),
]

test('[ROL1] recordings of seven releases, 0.47 to 0.169, read as one and the same session', () => {
  expect(VERSIONS).toEqual(['0.47.0', '0.63.0', '0.80.0', '0.98.0', '0.120.0', '0.142.0', '0.169.0'])
  for (const version of VERSIONS) expect(normalised(version), version).toEqual(EXPECTED)
})

test('[ROL1] the facts of the thread are those of its first line and its settings those in force', () => {
  for (const version of VERSIONS) {
    const { events } = parseRecording(version)
    const facts = events.filter((each) => each.type === 'thread').map((each) => each.facts)
    const merged = Object.assign({}, ...facts, {
      settings: Object.assign({}, ...facts.map((f) => f.settings)),
    })
    expect(merged, version).toMatchObject({
      threadId: expect.stringMatching(/^01a1fbc9-/),
      cwd: '/home/user/project',
      codexVersion: version,
      forkedFromThreadId: null,
      git: null,
      settings: { model: 'gpt-5.1', approvalPolicy: 'never', sandbox: 'danger-full-access' },
    })
  }
})

test('[ROL2] token totals are the ones Codex wrote last, never a sum', () => {
  const totals = Object.fromEntries(
    VERSIONS.map((version) => {
      const last = parseRecording(version).events.findLast((each) => each.type === 'tokens')
      return [version, last?.type === 'tokens' && last.tokens]
    }),
  )
  const last = counts(120, 100, 40, 20, 5)
  // Up to 0.63 a resumed thread begins to count anew; 0.169 counts no plan call because it has no plan tool.
  expect(totals).toEqual({
    '0.47.0': { total: counts(100_260, 100_200, 120, 60, 15), last, contextWindow: 272_000 },
    '0.63.0': { total: counts(100_260, 100_200, 120, 60, 15), last, contextWindow: 258_400 },
    '0.80.0': { total: counts(101_460, 101_200, 520, 260, 65), last, contextWindow: 258_400 },
    '0.98.0': { total: counts(101_460, 101_200, 520, 260, 65), last, contextWindow: 258_400 },
    '0.120.0': { total: counts(101_460, 101_200, 520, 260, 65), last, contextWindow: 258_400 },
    '0.142.0': { total: counts(101_460, 101_200, 520, 260, 65), last, contextWindow: 258_400 },
    '0.169.0': { total: counts(101_340, 101_100, 480, 240, 60), last, contextWindow: 258_400 },
  })
})

function counts(total: number, input: number, cached: number, output: number, reasoning: number) {
  return {
    totalTokens: total,
    inputTokens: input,
    cachedInputTokens: cached,
    outputTokens: output,
    reasoningOutputTokens: reasoning,
  }
}

test('[ROL3] a plan is reported where the release has a tool for it', () => {
  const plan = (events: readonly SessionEvent[]) => events.filter((each) => each.type === 'plan')
  const withPlan = VERSIONS.filter((version) => plan(parseRecording(version).events).length > 0)
  expect(withPlan).toEqual(['0.63.0', '0.80.0', '0.98.0', '0.120.0', '0.142.0'])
  const [event] = plan(parseRecording('0.98.0').events)
  expect(event).toEqual({
    type: 'plan',
    plan: {
      turnId: 'turn-4',
      explanation: 'two steps',
      steps: [
        { step: 'look', status: 'completed' },
        { step: 'change', status: 'inProgress' },
      ],
    },
  })
})

test('[ROL4] reading a recording twice gives the same ids, and no id twice for two things', () => {
  for (const version of VERSIONS) {
    const first = parseRecording(version).events
    expect(parseRecording(version).events, version).toEqual(first)
    const types = new Map<string, Set<string>>()
    for (const each of first)
      if (each.type === 'item')
        types.set(each.item.id, (types.get(each.item.id) ?? new Set()).add(each.item.type))
    expect(
      [...types.values()].filter((set) => set.size !== 1),
      version,
    ).toEqual([])
  }
})

test('[ROL5] nothing in a recording is unknown to the parser', () => {
  for (const version of VERSIONS)
    expect(
      parseRecording(version).events.filter((each) => each.type === 'opaque'),
      version,
    ).toEqual([])
})
