import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { outlineThread } from '../../../src/connectors/rollout/head-tail.ts'
import { readThreadNames } from '../../../src/connectors/rollout/thread-names.ts'
import { event, line, meta, parseRecording, recordingPath, response, VERSIONS } from './rollouts.ts'

const THREAD = '01a1fbca-8c39-7a63-9526-929512ff68b1'
const NAME = `rollout-2026-01-01T00-00-00-${THREAD}.jsonl`
function write(content: string | Buffer, name = NAME): string {
  const scratch = mkdtempSync(join(tmpdir(), 'rollout-outline-'))
  scratches.push(scratch)
  writeFileSync(join(scratch, name), content)
  return join(scratch, name)
}
const scratches: string[] = []
afterEach(() => {
  for (const scratch of scratches.splice(0)) rmSync(scratch, { recursive: true, force: true })
})

test('[ROL20] a recording is outlined from its ends as a full reading knows it', async () => {
  for (const version of VERSIONS) {
    const path = recordingPath(version)
    const { state } = parseRecording(version)
    const threadId = state.threadId ?? ''
    const outline = await outlineThread(threadId, [path])
    expect(outline, version).toEqual({
      threadId,
      facts: expect.objectContaining({
        threadId,
        cwd: '/home/user/project',
        codexVersion: version,
        rolloutPath: path,
        git: null,
        settings: state.settings,
      }),
      origin: { source: 'exec', originator: 'codex_exec', parentThreadId: null, subagent: null, base: null },
      firstPrompt: 'Say hello – 你好',
      lastMessage: 'Done: Go on after the compaction',
      lastActivityAt: state.lastAt,
      turn: 'completed',
      openCalls: 0,
      tokens: state.tokens,
    })
  }
})

test('[ROL21] a first line of 100 MB is passed over in bounded memory; its first fields are still known', async () => {
  const instructions = 'i'.repeat(100 * 1024 * 1024)
  const first = meta(THREAD, { cli_version: '0.169.0', source: 'cli', originator: 'tui' })
  const long = first.replace('}}\n', `,"base_instructions":{"text":"${instructions}"}}}\n`)
  const path = write(long)
  appendFileSync(
    path,
    event('task_started', { turn_id: 't1' }) +
      event('user_message', { message: 'hello' }) +
      event('agent_message', { message: 'hi' }),
  )
  const before = process.memoryUsage().arrayBuffers
  const outline = await outlineThread(THREAD, [path])
  expect(outline).toMatchObject({
    facts: { threadId: THREAD, cwd: '/project', codexVersion: '0.169.0', createdAt: Date.UTC(2026, 0, 1) },
    origin: { source: 'cli', originator: 'tui' },
    // The prompt stands behind more bytes than an outline reads.
    firstPrompt: null,
    lastMessage: 'hi',
    turn: 'open',
  })
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024)
})

test('[ROL21] a first line of some MB does not hide the prompt behind it', async () => {
  const long = meta(THREAD, { base_instructions: { text: 'i'.repeat(3 * 1024 * 1024) } })
  const path = write(long + event('user_message', { message: 'hello' }))
  expect(await outlineThread(THREAD, [path])).toMatchObject({
    facts: { cwd: '/project' },
    firstPrompt: 'hello',
  })
})

test('[ROL22] how the newest turn was left is told by the end of the file', async () => {
  const begun = meta(THREAD) + event('task_started', { turn_id: 't1' })
  const call = response('function_call', { name: 'exec_command', call_id: 'c', arguments: '{"cmd":"make"}' })
  const filler = line('world_state', { state: 'x'.repeat(300_000) })
  const left = async (...lines: string[]) => {
    const { turn, openCalls } = await outlineThread(THREAD, [write(lines.join(''))])
    return { turn, openCalls }
  }
  expect(await left(meta(THREAD))).toEqual({ turn: null, openCalls: 0 })
  expect(await left(begun, call)).toEqual({ turn: 'open', openCalls: 1 })
  expect(await left(begun, filler, call, filler)).toEqual({ turn: 'open', openCalls: 1 })
  expect(await left(begun, filler, event('turn_aborted', { turn_id: 't1', reason: 'interrupted' }))).toEqual({
    turn: 'interrupted',
    openCalls: 0,
  })
  const error = { message: 'no' }
  expect(await left(begun, event('task_complete', { turn_id: 't1', error }))).toEqual({
    turn: 'failed',
    openCalls: 0,
  })
})

test('[ROL22] a file without a whole line is outlined by its name and its time', async () => {
  for (const content of ['', '{"timestamp":', 'not a rollout\n'])
    expect(await outlineThread(THREAD, [write(content)])).toMatchObject({
      threadId: THREAD,
      firstPrompt: null,
      turn: null,
      tokens: null,
      lastActivityAt: expect.any(Number),
    })
})

test('[ROL22] of a compressed file only the beginning is read', async () => {
  const path = write(
    zstdCompressSync(Buffer.from(meta(THREAD) + event('user_message', { message: 'hello' }))),
    `${NAME}.zst`,
  )
  expect(await outlineThread(THREAD, [path])).toMatchObject({
    facts: { cwd: '/project', rolloutPath: path },
    firstPrompt: 'hello',
    turn: null,
  })
})

test('[ROL20] names are those given last', async () => {
  const home = mkdtempSync(join(tmpdir(), 'rollout-outline-'))
  scratches.push(home)
  expect(await readThreadNames(home)).toEqual(new Map())
  const entry = (id: string, name: string) => `${JSON.stringify({ id, thread_name: name })}\n`
  writeFileSync(
    join(home, 'session_index.jsonl'),
    `${entry('a', 'old')}garbage\n${entry('b', 'B')}${entry('a', 'A')}{"id":"c"`,
  )
  expect(await readThreadNames(home)).toEqual(
    new Map([
      ['a', 'A'],
      ['b', 'B'],
    ]),
  )
})

test('[ROL6] an outline says where a fork or a subagent comes from', async () => {
  const parent = '01a1fbca-9a7f-7b73-a20a-716629c3707d'
  const fork = meta(THREAD, {
    forked_from_id: parent,
    source: { subagent: { thread_spawn: { parent_thread_id: parent, depth: 1 } } },
    history_base: { thread_id: parent, end_ordinal_exclusive: 106 },
  })
  expect(await outlineThread(THREAD, [write(fork + meta(parent))])).toMatchObject({
    facts: { threadId: THREAD, forkedFromThreadId: parent },
    origin: {
      source: 'subagent',
      originator: null,
      parentThreadId: parent,
      subagent: { kind: 'thread_spawn', nickname: null, role: null, depth: 1 },
      base: { threadId: parent, endOrdinal: 106 },
    },
  })
})

test('[ROL20] a reverted thread begins with its first file and ends with its last', async () => {
  const first = write(meta(THREAD) + event('user_message', { message: 'the first' }))
  const second = write(
    meta(THREAD) + event('task_started', { turn_id: 't9' }) + event('agent_message', { message: 'the last' }),
  )
  expect(await outlineThread(THREAD, [first, second])).toMatchObject({
    facts: { rolloutPath: second },
    firstPrompt: 'the first',
    lastMessage: 'the last',
    turn: 'open',
  })
})
