/** The real Codex (0.169 unless `CODEX_HUB_TEST_CODEX` names another), followed from outside while it runs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { isAtLeast } from '../../../src/connectors/codex/version.ts'
import type { SessionEvent } from '../../../src/connectors/event.ts'
import { chokidarHints } from '../../../src/connectors/rollout/hints.ts'
import { ENDED_AFTER_MS, judge } from '../../../src/connectors/rollout/liveness.ts'
import { RolloutReader } from '../../../src/connectors/rollout/reader.ts'
import { RolloutWatcher } from '../../../src/connectors/rollout/watch.ts'
import { readWriterLock } from '../../../src/connectors/rollout/writer-lock.ts'
import type { Step } from '../../../src/demo/answer.ts'
import type { ModelRequest } from '../../../src/demo/model-request.ts'
import { type CodexHome, makeCodexHome } from '../../harness/codex-home.ts'
import { locateTestCodex, versionOfTestCodex } from '../../harness/test-codex.ts'
import { itemsOf, readAll } from './rollouts.ts'

const version = await versionOfTestCodex()
/** Up to 0.98 nothing says that a turn is over but what follows. */
const marksTurns = isAtLeast(version, '0.120.0')

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function makeHome(script: Parameters<typeof makeCodexHome>[0]['script'], toml = '') {
  const home = await makeCodexHome({ script, model: 'gpt-5.5', toml })
  closers.push(() => home.close())
  return home
}

/** The tool for commands has had several names. */
function run({ toolNames }: ModelRequest, command: string): Step {
  return toolNames.includes('exec_command')
    ? { call: 'exec_command', args: { cmd: command, yield_time_ms: 30_000 } }
    : { call: 'shell_command', args: { command } }
}

async function codexExec({ home, project }: CodexHome, ...args: string[]): Promise<ChildProcess> {
  const { path } = await locateTestCodex()
  const env = { PATH: process.env.PATH ?? '', HOME: home, CODEX_HOME: home }
  const options = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox']
  const child = spawn(path, [...options, ...args], { cwd: project, env, stdio: 'ignore' })
  closers.push(() => child.kill('SIGKILL'))
  return child
}

/** Follows one home the way the hub does: the watcher says when, the reader says what. */
async function follow({ home }: CodexHome) {
  const events: SessionEvent[] = []
  const log: string[] = []
  const reader = new RolloutReader([], null)
  let threadId = ''
  let paths: readonly string[] = []
  let state: Awaited<ReturnType<typeof readAll>>['state'] | undefined
  let wake = () => {}
  let work = Promise.resolve()
  const watcher = new RolloutWatcher({
    codexHome: home,
    clock: systemClock,
    openHints: chokidarHints,
    sweepMs: 2_000,
    onHealth: (problems) => log.push(...problems),
    onEvent(event) {
      log.push(event.type)
      if (event.type === 'removed') return
      threadId = event.thread.threadId
      paths = event.thread.paths
      reader.follow(paths)
      work = work.then(async () => {
        const read = await readAll(reader)
        events.push(...read.events)
        state = read.state
        wake()
      })
    },
  })
  closers.push(() => watcher.close())
  await watcher.start()
  return {
    events,
    log,
    thread: () => ({ threadId, paths }),
    async until(holds: () => boolean): Promise<void> {
      while (!holds()) await new Promise<void>((resolve) => (wake = resolve))
    },
    /** What the hub does when a session is judged to be idle or ended. */
    conclude(how: 'settled' | 'lost') {
      events.push(...(reader.conclude(how)?.events ?? []))
    },
    async judge(afterMs = 0) {
      const lock = await readWriterLock(home, threadId, paths)
      if (!state) throw new Error('Nothing has been read.')
      const grewAt = state.parser.lastAt ?? 0
      return { lock, ...judge({ parser: state.parser, grewAt, lock, now: grewAt + afterMs }) }
    },
  }
}

const said = (events: readonly SessionEvent[]) => itemsOf(events).map(({ body }) => body.text)
const has = (events: readonly SessionEvent[], type: string, status: string) =>
  itemsOf(events).some((item) => item.type === type && item.status === status)
const ended = (events: readonly SessionEvent[]) =>
  events.flatMap((event) => (event.type === 'turnCompleted' ? [event.turn.status] : []))
const exited = (child: ChildProcess) =>
  child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : undefined

test('[ROL31] `codex exec` appears while it runs, and so does its resumption, as the same session', async () => {
  const home = await makeHome((request) => {
    if (request.afterTool) return [{ say: `Done: ${request.lastUserText}` }]
    if (request.lastUserText === 'again') return [{ say: 'Here again.' }]
    return [{ say: 'I wait.' }, run(request, 'while [ ! -e go ]; do sleep 0.05; done')]
  })
  const seen = await follow(home)
  const child = await codexExec(home, 'first')
  await seen.until(() => has(seen.events, 'commandExecution', 'inProgress'))
  expect(await seen.judge(5_000)).toMatchObject({
    lock: { state: 'held', holder: { pid: child.pid, command: expect.stringContaining('exec') } },
    state: 'waiting',
    sentence: 'A tool is running, or it waits for approval in its own terminal.',
  })
  writeFileSync(join(home.project, 'go'), '')
  await exited(child)
  await seen.until(() => said(seen.events).includes('Done: first'))
  await seen.until(() => !marksTurns || ended(seen.events).length === 1)
  expect(await seen.judge(11_000)).toMatchObject({
    lock: { state: 'free' },
    state: 'idle',
    sentence: 'Finished.',
  })
  expect(await seen.judge(ENDED_AFTER_MS)).toMatchObject({ state: 'ended', sentence: 'Finished.' })

  const { threadId, paths } = seen.thread()
  await exited(await codexExec(home, 'resume', threadId, 'again'))
  await seen.until(() => said(seen.events).includes('Here again.'))
  await seen.until(() => !marksTurns || ended(seen.events).length === 2)
  seen.conclude('settled')
  expect(seen.thread()).toEqual({ threadId, paths })
  expect(seen.log.filter((entry) => entry !== 'changed')).toEqual(['found'])
  expect(ended(seen.events)).toEqual(['completed', 'completed'])
  expect(
    itemsOf(seen.events).map(({ type, status, body }) => `${type} ${status} ${body.text ?? ''}`.trim()),
  ).toEqual([
    'userMessage completed',
    'agentMessage completed I wait.',
    'commandExecution completed',
    'agentMessage completed Done: first',
    'userMessage completed',
    'agentMessage completed Here again.',
  ])
})

test('[ROL31] a killed `codex exec` leaves an open turn that nobody holds', async () => {
  const home = await makeHome((request) => [{ say: 'Now.' }, run(request, 'sleep 20')])
  const seen = await follow(home)
  const child = await codexExec(home, 'first')
  await seen.until(() => has(seen.events, 'commandExecution', 'inProgress'))
  child.kill('SIGKILL')
  await exited(child)
  expect(await seen.judge(5_000)).toMatchObject({ lock: { state: 'free' }, state: 'waiting' })
  expect(await seen.judge(ENDED_AFTER_MS)).toMatchObject({
    state: 'ended',
    sentence: 'Its process is gone; the last turn was cut short.',
  })
  seen.conclude('lost')
  expect(ended(seen.events)).toEqual(['interrupted'])
  expect(has(seen.events, 'commandExecution', 'interrupted')).toBe(true)
})

// Releases before 0.169 write no typed items: what they told live has ids that no file knows.
const hasTypedItems = isAtLeast(version, '0.169.0')

test.runIf(hasTypedItems)(
  '[ROL32] what a rollout tells is what the app-server told, item by item, with the same ids',
  async () => {
    const patch = '*** Begin Patch\n*** Add File: b.txt\n+x\n*** Add File: a.txt\n+y\n*** End Patch'
    const update = '*** Begin Patch\n*** Update File: a.txt\n*** Move to: c.txt\n@@\n-y\n+z\n*** End Patch'
    const home = await makeHome((request) => {
      if (request.afterTool) return [{ say: 'Done.' }]
      switch (request.lastUserText) {
        case 'talk':
          return [{ think: 'Hm.' }, { say: 'Hello – 你好' }]
        case 'run':
          return [
            { say: 'I run.' },
            { call: 'exec_command', args: { cmd: 'echo "a b"; echo $HOME >/dev/null; ls; exit 2' } },
          ]
        case 'patch':
          return [{ custom: 'apply_patch', input: patch }]
        case 'update':
          return [{ custom: 'apply_patch', input: update }]
        default:
          return [{ fail: 'boom' }]
      }
    }, 'approval_policy = "never"\nsandbox_mode = "danger-full-access"')
    const told: SessionEvent[] = []
    let wake = () => {}
    const connector = await home.driver().create({
      sessionId: 'ses_1',
      cwd: home.project,
      settings: {},
      sink: {
        receive(event) {
          told.push(event)
          wake()
        },
        closed: () => {},
      },
    })
    for (const [index, text] of ['talk', 'run', 'patch', 'update', 'fail'].entries()) {
      await connector.startTurn({ commandId: `cmd_${index}`, input: [{ type: 'text', text }] })
      while (ended(told).length <= index) await new Promise<void>((resolve) => (wake = resolve))
    }
    await connector.stop()
    const seen = await follow(home)
    await seen.until(() => ended(seen.events).length === 5)

    expect(itemsOf(seen.events)).toEqual(itemsOf(told))
    const turns = (events: readonly SessionEvent[]) =>
      events.flatMap((event) =>
        event.type === 'turnCompleted'
          ? [{ id: event.turn.id, status: event.turn.status, error: event.turn.error }]
          : [],
      )
    expect(turns(seen.events)).toEqual(turns(told))
    const tokens = (events: readonly SessionEvent[]) =>
      events.flatMap((event) => (event.type === 'tokens' ? [event.tokens] : [])).at(-1)
    expect(tokens(seen.events)).toEqual(tokens(told))
  },
)
