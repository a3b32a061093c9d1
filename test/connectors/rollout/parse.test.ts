import { expect, test } from 'vitest'
import { newParserState } from '../../../src/connectors/rollout/parser-state.ts'
import { settleTurn } from '../../../src/connectors/rollout/turns.ts'
import { event, itemsOf, line, meta, parseText, response } from './rollouts.ts'

const OWN = '01a1fbca-9a7f-7b73-a20a-716629c3707d'
const PARENT = '01a1fbca-8c39-7a63-9526-929512ff68b1'
const prompt = (text: string) => event('user_message', { message: text, images: [] })
const answer = (text: string) => event('agent_message', { message: text })
const turns = (events: ReturnType<typeof parseText>) =>
  events.flatMap((each) =>
    each.type === 'turnStarted' || each.type === 'turnCompleted'
      ? [`${each.turn.id} ${each.turn.status}`]
      : [],
  )

test('[ROL6] the first session_meta wins: the second one of a fork is its parent', () => {
  const events = parseText(meta(OWN, { forked_from_id: PARENT, cli_version: '0.142.0' }) + meta(PARENT))
  expect(events).toEqual([
    {
      type: 'thread',
      facts: {
        threadId: OWN,
        forkedFromThreadId: PARENT,
        cwd: '/project',
        git: null,
        codexVersion: '0.142.0',
        createdAt: Date.UTC(2026, 0, 1),
      },
    },
  ])
})

test('[ROL6] credentials in the address of a repository are left out', () => {
  const git = { commit_hash: 'abc', branch: 'main', repository_url: 'https://me:secret@example.com/x.git' }
  const [first] = parseText(meta(OWN, { git }))
  expect(first).toMatchObject({
    facts: { git: { branch: 'main', repository: 'https://example.com/x.git', root: null, sha: 'abc' } },
  })
})

test('[ROL7] without boundaries a turn begins with a prompt and is over when the next one comes', () => {
  const state = newParserState()
  const events = parseText(prompt('a') + answer('b') + prompt('c'), state)
  expect(turns(events)).toEqual(['turn-1 inProgress', 'turn-1 completed', 'turn-2 inProgress'])
  expect(turns(parseText(prompt('d'), state))).toEqual(['turn-2 interrupted', 'turn-3 inProgress'])
})

test('[ROL7] an answer followed by silence ends an inferred turn, and a tool call opens the same turn again', () => {
  const state = newParserState()
  parseText(prompt('a') + answer('let me see'), state)
  expect(turns(settleTurn(state))).toEqual(['turn-1 completed'])
  expect(settleTurn(state)).toEqual([])
  const call = response('function_call', {
    name: 'shell_command',
    call_id: 'c1',
    arguments: '{"command":"ls"}',
  })
  expect(turns(parseText(call, state))).toEqual(['turn-1 inProgress'])
  // A tool runs: silence means nothing now.
  expect(settleTurn(state)).toEqual([])
})

test('[ROL7] a turn that Codex marks is never ended by silence', () => {
  const state = newParserState()
  parseText(event('task_started', { turn_id: 't1' }) + answer('b'), state)
  expect(settleTurn(state)).toEqual([])
})

test('[ROL7] a compaction before a prompt belongs to the turn of that prompt', () => {
  const events = parseText(
    prompt('a') +
      answer('b') +
      line('compacted', { message: 's' }) +
      event('context_compacted') +
      prompt('c'),
  )
  expect(itemsOf(events).map(({ turnId, type }) => `${turnId} ${type}`)).toEqual([
    'turn-1 userMessage',
    'turn-1 agentMessage',
    'turn-2 contextCompaction',
    'turn-2 userMessage',
  ])
})

test('[ROL8] a call without an output is shown as running, and an interruption ends it', () => {
  const call = response('function_call', {
    name: 'exec_command',
    call_id: 'c1',
    arguments: '{"cmd":"sleep 9"}',
  })
  const state = newParserState()
  const begun = parseText(event('task_started', { turn_id: 't1' }) + call, state)
  expect(itemsOf(begun)).toMatchObject([{ id: 'c1', status: 'inProgress', body: { command: 'sleep 9' } }])
  const ended = parseText(event('turn_aborted', { turn_id: 't1', reason: 'interrupted' }), state)
  expect(itemsOf(ended)).toMatchObject([{ id: 'c1', turnId: 't1', status: 'interrupted' }])
  expect(turns(ended)).toEqual(['t1 interrupted'])
  expect(state.calls).toEqual({})
})

test('[ROL8] a command that goes on in the background stays open until its terminal says it ended', () => {
  const state = newParserState()
  const began = parseText(
    event('task_started', { turn_id: 't1' }) +
      response('function_call', { name: 'exec_command', call_id: 'c1', arguments: '{"cmd":"make"}' }) +
      response('function_call_output', {
        call_id: 'c1',
        output: 'Wall time: 1.0 seconds\nProcess running with session ID 7\nOutput:\none\n',
      }) +
      event('task_complete', { turn_id: 't1' }),
    state,
  )
  expect(itemsOf(began)).toMatchObject([
    { status: 'inProgress', body: { processId: '7', aggregatedOutput: 'one\n' } },
  ])
  const ended = parseText(
    event('task_started', { turn_id: 't2' }) +
      response('function_call', { name: 'write_stdin', call_id: 'c2', arguments: '{"session_id":7}' }) +
      response('function_call_output', {
        call_id: 'c2',
        output: 'Wall time: 0.1 seconds\nProcess exited with code 2\nOutput:\ntwo\n',
      }),
    state,
  )
  expect(itemsOf(ended)).toMatchObject([
    { id: 'c1', turnId: 't1', status: 'failed', body: { aggregatedOutput: 'one\ntwo\n', exitCode: 2 } },
  ])
})

test.each([
  ['{"output":"x\\n","metadata":{"exit_code":1,"duration_seconds":0.5}}', 'failed', 'x\n', 1],
  ['Exit code: 0\nWall time: 0 seconds\nTotal output lines: 9\nOutput:\nx\n', 'completed', 'x\n', 0],
  ['Chunk ID: a\nWall time: 0.1 seconds\nProcess exited with code -1\nOutput:\n', 'failed', null, -1],
  [
    'exec_command failed: CreateProcess { message: "Rejected(\\"rejected by user\\")" }',
    'declined',
    null,
    null,
  ],
  ['aborted by user after 2.1s', 'failed', null, null],
  ['Wall time: 2.0 seconds\naborted by user', 'failed', null, null],
])('[ROL9] the output %j of a command is read', (output, status, text, exitCode) => {
  const [item] = itemsOf(
    parseText(
      event('task_started', { turn_id: 't1' }) +
        response('function_call', { name: 'shell_command', call_id: 'c', arguments: '{"command":"x"}' }) +
        response('function_call_output', { call_id: 'c', output }),
    ),
  )
  expect(item).toMatchObject({ status, body: { status, aggregatedOutput: text, exitCode } })
})

test('[ROL10] a message told as an event and as a typed item is shown once', () => {
  const item = { type: 'AgentMessage', id: 'msg_1', content: [{ type: 'Text', text: 'hi' }] }
  const typed = event('item_completed', { turn_id: 't1', item })
  const start = event('task_started', { turn_id: 't1' })
  expect(itemsOf(parseText(start + answer('hi') + typed)).length).toBe(1)
  expect(itemsOf(parseText(start + typed + answer('hi'))).length).toBe(1)
  // The same words twice in one representation are two messages.
  expect(itemsOf(parseText(start + answer('hi') + answer('hi'))).length).toBe(2)
})

test('[ROL10] a typed item replaces what was shown of its call, also after its turn', () => {
  const item = {
    type: 'CommandExecution',
    id: 'c1',
    process_id: '9',
    command: ['/bin/bash', '-lc', "echo 'a'"],
    cwd: 'file:///project',
    parsed_cmd: [{ type: 'list_files', cmd: 'ls', path: null }],
    source: 'unified_exec_startup',
    status: 'completed',
    aggregated_output: 'a\n',
    exit_code: 0,
    duration: { secs: 1, nanos: 5_000_000 },
  }
  const events = parseText(
    event('task_started', { turn_id: 't1' }) +
      response('function_call', { name: 'exec_command', call_id: 'c1', arguments: '{"cmd":"echo"}' }) +
      event('turn_aborted', { turn_id: 't1', reason: 'interrupted' }) +
      event('item_completed', { turn_id: 't1', item, started_at_ms: 1, completed_at_ms: 2 }),
  )
  expect(itemsOf(events)).toEqual([
    {
      id: 'c1',
      turnId: 't1',
      type: 'commandExecution',
      status: 'completed',
      startedAt: 1,
      completedAt: 2,
      body: {
        pluginId: null,
        scriptPath: null,
        command: '/bin/bash -lc "echo \'a\'"',
        cwd: '/project',
        processId: '9',
        source: 'unifiedExecStartup',
        status: 'completed',
        commandActions: [{ type: 'listFiles', command: 'ls', path: null }],
        aggregatedOutput: 'a\n',
        exitCode: 0,
        durationMs: 1005,
        startedAtMs: 1,
        completedAtMs: 2,
      },
    },
  ])
})

test('[ROL11] a failed turn says why where the release writes it down', () => {
  const error = { message: '{"error":{"message":"nope"}}', codex_error_info: 'usage_limit_exceeded' }
  const events = parseText(
    event('task_started', { turn_id: 't1' }) + event('task_complete', { turn_id: 't1', error }),
  )
  expect(events.find((each) => each.type === 'turnCompleted')).toMatchObject({
    turn: { id: 't1', status: 'failed', error: { message: 'nope', code: 'usageLimitExceeded' } },
  })
})

test('[ROL12] rolled back turns are removed', () => {
  const turn = (id: string) =>
    event('task_started', { turn_id: id }) + event('task_complete', { turn_id: id })
  const events = parseText(
    turn('t1') + turn('t2') + turn('t3') + event('thread_rolled_back', { num_turns: 2 }),
  )
  expect(events.at(-1)).toEqual({ type: 'removed', turnIds: ['t2', 't3'] })
})

test('[ROL5] an event of a newer release is passed on as it came', () => {
  expect(parseText(event('dream_started', { of: 'sheep' }))).toEqual([
    { type: 'opaque', method: 'rollout/dream_started', params: { type: 'dream_started', of: 'sheep' } },
  ])
})

test('[ROL5] fields of any shape and keys of any name are survived', () => {
  const odd = [
    meta(OWN, { cwd: 7, git: 'x', id: null }),
    event('item_completed', { item: [] }),
    event('item_completed', { turn_id: 1, item: { type: 'Later', id: 'z', some_field: { a_b: 1 } } }),
    event('token_count', { info: 'none', rate_limits: 3 }),
    event('thread_settings_applied'),
    response('function_call', { name: 'x', call_id: 'constructor', arguments: '[' }),
    response('function_call_output', { call_id: '__proto__' }),
    response('function_call_output', { call_id: 'toString', output: { content: 5 } }),
    event('exec_command_end', { call_id: 'e', command: 'ls', duration: 'long' }),
    event('mcp_tool_call_end', { call_id: 'm' }),
    line('turn_context', { sandbox_policy: 'x', approval_policy: 4 }),
  ].join('')
  expect(itemsOf(parseText(odd)).map(({ id, type }) => `${id} ${type}`)).toEqual([
    'z later',
    'constructor dynamicToolCall',
    'e commandExecution',
    'm mcpToolCall',
  ])
})
