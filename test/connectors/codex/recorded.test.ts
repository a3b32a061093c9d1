/** Recorded frames of four Codex releases: one conversation, told by each in its own way, is the same session. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import { AppServer } from '../../../src/connectors/codex/app-server.ts'
import { CodexConnector } from '../../../src/connectors/codex/connector.ts'
import { startThread } from '../../../src/connectors/codex/opened-thread.ts'
import type { SourceItem } from '../../../src/connectors/event.ts'
import { Recorder } from '../../contract/connector.ts'
import { nothingHeld } from '../../harness/holding.ts'
import { ManualClock } from '../../harness/manual-clock.ts'
import { memoryPair } from '../../harness/memory-channel.ts'

const FOLDER = new URL('../../fixtures/codex-frames/', import.meta.url)

/** Play a recording into a connector. @returns what its session was told */
async function play(file: string): Promise<Recorder> {
  const [first, ...rest] = readFileSync(new URL(file, FOLDER), 'utf8').trim().split('\n')
  const { near: ours, far: codex } = memoryPair()
  codex.start({ message: () => {}, close: () => {} })
  const clock = new ManualClock()
  const server = new AppServer({
    channel: ours,
    hubVersion: '0.0.0',
    clock,
    log: silentLog,
    explain: async (cause) => cause,
  })
  const opening = startThread(server, { cwd: '/home/user/project', settings: {} })
  ours.deliverAll()
  codex.send(JSON.stringify({ ...JSON.parse(first ?? ''), id: 0 }))
  codex.deliverAll()
  const sink = new Recorder()
  new CodexConnector({
    door: 'driven',
    instance: 'proc_recorded',
    server,
    methods: new Set(['turn/start', 'thread/read']),
    opened: await opening,
    holding: nothingHeld,
    sink,
    clock,
    log: silentLog,
  })
  for (const line of rest) {
    codex.send(line)
    codex.deliverAll()
  }
  return sink
}

/** What a person would see of it, without ids and times. */
function seen(sink: Recorder) {
  const items = new Map<string, SourceItem>()
  for (const { item } of sink.ofType('item')) items.set(item.id, item)
  const ofType = (type: string) => [...items.values()].filter((item) => item.type === type)
  return {
    turns: sink.ofType('turnCompleted').map(({ turn }) => turn.status),
    prompts: ofType('userMessage').map(({ body }) => (body.content as { text: string }[])[0]?.text),
    messages: ofType('agentMessage').map(({ body }) => body.text),
    appended: sink
      .ofType('append')
      .filter(({ field }) => field === 'text')
      .map(({ text }) => text)
      .join(''),
    reasoning: ofType('reasoning').map(({ body }) => body.summary),
    commands: ofType('commandExecution').map(({ status, body }) => [
      status,
      body.command,
      body.aggregatedOutput,
      body.exitCode,
    ]),
    approvals: sink
      .ofType('approvalRequested')
      .map(({ approval }) => [approval.kind, approval.title, approval.reason, approval.choices[0]?.id]),
    resolved: sink.ofType('approvalResolved').map(({ key }) => key),
    tokens: sink.ofType('tokens').at(-1)?.tokens.total,
    statuses: [...items.values()].map(({ status }) => status),
    opaque: sink.ofType('opaque').map(({ method }) => method),
    closed: sink.causes,
  }
}

describe('recorded conversations', () => {
  const files = readdirSync(FOLDER).sort()
  it('[COD22] four releases of Codex are covered by recordings', () => {
    expect(files).toEqual(['0.120.0.jsonl', '0.142.0.jsonl', '0.169.0.jsonl', '0.98.0.jsonl'])
  })

  it.each(files)('[COD22] the conversation recorded with %s is the same session', async (file) => {
    expect(seen(await play(file))).toEqual({
      turns: ['completed', 'completed'],
      prompts: ['Say hello', 'Make a folder'],
      messages: ['Hello there, friend.', 'The file is there.'],
      appended: 'Hello there, friend.The file is there.',
      reasoning: [['A folder is wanted.']],
      commands: [['completed', "/bin/bash -lc 'mkdir made && echo ready'", 'ready\n', 0]],
      approvals: [['command', 'mkdir made && echo ready', 'May I?', 'accept']],
      resolved: ['proc_recorded:0'],
      tokens: {
        totalTokens: 360,
        inputTokens: 300,
        cachedInputTokens: 120,
        outputTokens: 60,
        reasoningOutputTokens: 15,
      },
      statuses: Array(6).fill('completed'),
      opaque: [],
      closed: [],
    })
  })

  it('[COD23] turn ids that count from zero in each process are made unique by the process', async () => {
    const old = await play('0.98.0.jsonl')
    const ids = old.ofType('turnStarted').map(({ turn }) => turn.id)
    expect(ids).toEqual(['proc_recorded:0', 'proc_recorded:1'])
    expect(new Set(old.ofType('item').map(({ turnId }) => turnId))).toEqual(new Set(ids))
    const recent = await play('0.169.0.jsonl')
    for (const { turn } of recent.ofType('turnStarted')) expect(turn.id).toMatch(/^[0-9a-f-]{36}$/)
  })
})
