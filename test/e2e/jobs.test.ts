/** Quick commands, in the real Codex. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readStartToken } from '../../src/base/process-identity.ts'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import { applyJobDeltas, EMPTY_JOB, type JobState } from '../../src/protocol/job.ts'
import { printed, startCli } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { text } from '../harness/watch.ts'

const version = await versionOfTestCodex()
const isLive = isAtLeast(version, '0.120.0')
/** Older releases find the program of their sandbox only from a home outside the system's temporary folder. */
const sandbox = isLive ? 'workspace-write' : 'danger-full-access'

let test: TestHub
let client: HubClient

beforeAll(async () => {
  test = await makeHub({ script: () => [{ say: 'heard' }] })
  client = test.client('laptop')
})
afterAll(() => test.close())

const start = (command: string[], more: object = {}) =>
  client.command('exec/start', { command, cwd: test.codex.project, sandbox, ...more })

/** Resolves with the first state of a job that fits. */
function jobWhere(jobId: string, fits: (state: JobState) => boolean): Promise<JobState> {
  const handle = client.job(jobId)
  return new Promise((resolve) => {
    const look = () => {
      const { state } = handle.getSnapshot()
      if (!state || !fits(state)) return
      stop()
      handle.release()
      resolve(state)
    }
    const stop = handle.subscribe(look)
    look()
  })
}
const hasEnded = ({ job }: JobState) => job.status !== 'running'
const outputOf = ({ output }: JobState, stream: string) =>
  output.flatMap((piece) => (piece.stream === stream ? [piece.text] : [])).join('')

it('[EXC1] a command runs in the sandbox that is asked for; its output and exit code are told', async () => {
  const { job } = await start(['sh', '-c', 'echo out; echo err >&2; touch here; exit 3'])
  expect(job).toMatchObject({ kind: 'command', status: 'running', exitCode: null })
  const state = await jobWhere(job.id, hasEnded)
  expect(state.job).toMatchObject({ status: 'completed', exitCode: 3, problem: null, capabilities: [] })
  expect([outputOf(state, 'stdout'), outputOf(state, 'stderr')]).toEqual(['out\n', 'err\n'])
  expect(existsSync(join(test.codex.project, 'here'))).toBe(true)
  const refused = await start(['touch', 'there'], { sandbox: 'read-only' })
  const ended = await jobWhere(refused.job.id, hasEnded)
  expect(isLive ? ended.job : { ...ended.job, exitCode: 1 }).toMatchObject({ exitCode: 1 })
  expect(existsSync(join(test.codex.project, 'there'))).toBe(false)
  const { jobs } = await client.request('job/list', {})
  expect(jobs.map(({ id }) => id)).toEqual([refused.job.id, job.id])
})

it('[EXC2] what cannot be begun is refused with the reason', async () => {
  await expect(start(['ls'], { cwd: '/no/such/folder' })).rejects.toMatchObject({
    data: { name: 'invalidPath' },
  })
  await expect(start([])).rejects.toMatchObject({ data: { name: 'invalidParams' } })
  await expect(client.command('exec/start', { command: ['ls'] })).rejects.toMatchObject({
    data: { name: 'invalidParams', facts: { field: 'cwd' } },
  })
  await expect(client.command('job/cancel', { jobId: 'job_none' })).rejects.toMatchObject({
    data: { name: 'notFound' },
  })
})

describe.runIf(isLive)('live', () => {
  it('[EXC3] output streams while the command runs, whoever looks and whenever; its input is written', async () => {
    const { job } = await start(['sh', '-c', 'echo begun; cat; echo over'], { stdin: true })
    expect(
      (await jobWhere(job.id, (state) => outputOf(state, 'stdout') === 'begun\n')).job.capabilities,
    ).toEqual(['exec/write', 'job/cancel'])
    await client.command('exec/write', { jobId: job.id, text: 'grüß dich\n' })
    await jobWhere(job.id, (state) => outputOf(state, 'stdout') === 'begun\ngrüß dich\n')
    await client.command('exec/write', { jobId: job.id, close: true })
    const seen = await jobWhere(job.id, hasEnded)
    expect([outputOf(seen, 'stdout'), seen.job.exitCode]).toEqual(['begun\ngrüß dich\nover\n', 0])
    const late = test.client('late').job(job.id)
    await until(() => late.getSnapshot().status === 'live')
    expect(late.getSnapshot().state).toEqual(seen)
    await expect(client.command('exec/write', { jobId: job.id, text: 'x' })).rejects.toMatchObject({
      data: { name: 'notPossible', facts: { reason: 'ended', status: 'completed' } },
    })
  })

  it('[EXC4] a running command is cancelled, with all it started; one that ended is not', async () => {
    const { job } = await start(['sh', '-c', 'sleep 1000 & echo $! > pid; wait'], {
      sandbox: 'danger-full-access',
    })
    const file = join(test.codex.project, 'pid')
    await until(() => existsSync(file) && readFileSync(file, 'utf8').trim() !== '')
    const grandchild = Number(readFileSync(file, 'utf8'))
    const { stdout } = await startCli(test.folder, ['jobs', '--cancel', job.id.slice(-8)])
    expect(stdout).toBe('sh -c sleep 1000 & echo $! > pid; wait is cancelled.')
    const { jobs } = await client.request('job/list', {})
    const ended = jobs.find(({ id }) => id === job.id)
    expect(ended).toMatchObject({ id: job.id, status: 'cancelled', capabilities: [] })
    await until(async () => (await readStartToken(grandchild)) === null)
    await expect(client.command('job/cancel', { jobId: job.id })).rejects.toMatchObject({
      data: { name: 'notPossible', facts: { reason: 'ended', status: 'cancelled' } },
    })
  })

  it('[EXC5] a command of a session runs in its folder and sandbox; a time limit ends it', async () => {
    const { session } = await client.command('session/create', {
      cwd: test.codex.project,
      settings: { sandbox: 'read-only' },
      input: text('hello'),
    })
    const { job } = await client.command('exec/start', {
      sessionId: session.id,
      command: ['sh', '-c', 'pwd; touch no || exit 9'],
    })
    const state = await jobWhere(job.id, hasEnded)
    expect([outputOf(state, 'stdout'), state.job.exitCode]).toEqual([`${test.codex.project}\n`, 9])
    const slow = await start(['sleep', '1000'], { timeoutMs: 200 })
    expect((await jobWhere(slow.job.id, hasEnded)).job).toMatchObject({ status: 'completed', exitCode: 124 })
  })

  it('[EXC6] the command line streams a command and passes its exit code on', async () => {
    const { exitCode, stdout, stderr } = await startCli(test.folder, [
      'exec',
      '--cwd',
      test.codex.project,
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 7',
    ])
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 7, stdout: 'out', stderr: 'err' })
  })

  it.each([
    ['Ctrl-C', (child: ReturnType<typeof startCli>) => child.kill('SIGINT')],
    ['a terminal that is closed', (child: ReturnType<typeof startCli>) => child.kill('SIGHUP')],
    ['a reader that is gone', (child: ReturnType<typeof startCli>) => child.stdout.destroy()],
  ])('[EXC6] %s cancels a command', async (_what, leave) => {
    const endless = ['sh', '-c', 'while :; do echo on; sleep 0.05; done']
    const running = startCli(test.folder, ['exec', '--cwd', test.codex.project, '--', ...endless])
    await printed(running, /on/)
    leave(running)
    expect((await running).exitCode).toBe(130)
    const { jobs } = await client.request('job/list', {})
    expect(jobs[0]).toMatchObject({ title: endless.join(' '), status: 'cancelled' })
  })

  it('[EXC7] no command outlives the hub', async () => {
    const file = join(test.codex.project, 'leader')
    await start(['sh', '-c', 'echo $$ > leader; exec sleep 1000'], { sandbox: 'danger-full-access' })
    await until(() => existsSync(file) && readFileSync(file, 'utf8').trim() !== '')
    const pid = Number(readFileSync(file, 'utf8'))
    expect(await readStartToken(pid)).not.toBeNull()
    await test.restart()
    await until(async () => (await readStartToken(pid)) === null)
    client = test.client('after')
    expect(await client.request('job/list', {})).toEqual({ jobs: [] })
  })
})

it('[EXC8] of a long output the newest part is held, the same whatever pieces it came in', () => {
  const reset = { op: 'reset' as const, job: EMPTY_JOB.job, dropped: 0 }
  const whole = 'abcdefghij'.repeat(100_000)
  const held = (pieces: string[]) =>
    applyJobDeltas(EMPTY_JOB, [
      reset,
      ...pieces.map((each) => ({ op: 'output' as const, stream: 'stdout' as const, text: each })),
      { op: 'output', stream: 'stderr', text: 'end' },
    ])
  const one = held([whole])
  expect(one.dropped).toBe(1_000_003 - 512 * 1024)
  expect(held(whole.match(/.{1,777}/g) ?? [])).toEqual(one)
})
