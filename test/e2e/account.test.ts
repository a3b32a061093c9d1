/** Logins, limits and usage: the real Codex without an account, and with a scripted backend in place of OpenAI's. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Step } from '../../src/demo/answer.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { Job } from '../../src/protocol/job.ts'
import { cliOf } from '../cli/run-cli.ts'
import { ACCOUNT, type AccountBackend, startAccountBackend, USER_CODE } from '../harness/account-backend.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, stateWhere, text } from '../harness/watch.ts'

/** Seconds since 1970, as Codex counts. */
const [FIVE_HOURS_END, WEEK_END] = [1_795_000_000, 1_795_500_000]
const CREDITS = { has_credits: true, unlimited: false, balance: '3.50' }

const limitWindow = (used_percent: number, limit_window_seconds: number, reset_at: number) => ({
  used_percent,
  limit_window_seconds,
  reset_after_seconds: 60,
  reset_at,
})

const ANSWERS = {
  '/backend-api/wham/usage': {
    account_id: ACCOUNT.id,
    email: ACCOUNT.email,
    plan_type: ACCOUNT.plan,
    rate_limit: {
      allowed: true,
      limit_reached: false,
      primary_window: limitWindow(42, 18_000, FIVE_HOURS_END),
      secondary_window: limitWindow(7, 604_800, WEEK_END),
    },
    credits: CREDITS,
  },
  '/backend-api/wham/profiles/me': {
    stats: {
      lifetime_tokens: 1_000,
      peak_daily_tokens: 500,
      longest_running_turn_sec: 60,
      current_streak_days: 2,
      longest_streak_days: 3,
      daily_usage_buckets: [{ start_date: '2026-11-20', tokens: 500 }],
    },
  },
}

/** What the backend of ChatGPT sends with every answer of a model. */
const limitsInHeaders = {
  'x-codex-primary-used-percent': '42',
  'x-codex-primary-window-minutes': '300',
  'x-codex-primary-reset-at': String(FIVE_HOURS_END),
  'x-codex-secondary-used-percent': '7',
  'x-codex-secondary-window-minutes': '10080',
  'x-codex-secondary-reset-at': String(WEEK_END),
}

const reached: Step = {
  httpStatus: 429,
  message: 'You have hit your usage limit.',
  error: { type: 'usage_limit_reached', plan_type: ACCOUNT.plan, resets_at: FIVE_HOURS_END },
}

const script: Script = ({ lastUserText }) => {
  if (lastUserText === 'too much') return [reached]
  if (lastUserText === 'who am I') return [{ httpStatus: 401, message: 'Your session has ended.' }]
  return [{ headers: limitsInHeaders }, { say: 'heard' }]
}

const version = await versionOfTestCodex()

/** The job, once it has ended. */
async function ended(client: HubClient, { id }: Job): Promise<Job | undefined> {
  const find = async () => (await client.request('job/list', {})).jobs.find((job) => job.id === id)
  await until(async () => (await find())?.status !== 'running')
  return find()
}

describe('nobody is logged in', () => {
  let test: TestHub
  let client: HubClient

  beforeAll(async () => {
    test = await makeHub({ script })
    client = test.client('laptop')
  })
  afterAll(() => test.close())

  it('[ACC1] who is logged in is told, and an API key logs in and out, and is shown to nobody', async () => {
    const nobody = { type: null, email: null, plan: null, workspace: null, needsLogin: false }
    expect(await client.request('account/read', {})).toEqual(nobody)
    const key = 'sk-hush-hush-hush'
    const { job } = await client.command('account/login', { method: 'apiKey', apiKey: key })
    expect(job).toMatchObject({ kind: 'login', status: 'completed', problem: null })
    expect(readFileSync(join(test.codex.home, 'auth.json'), 'utf8')).toContain(key)
    const told = [
      await client.request('account/read', {}),
      await client.request('job/list', {}),
      await client.request('config/read', {}),
      await client.request('hub/status', {}),
    ]
    expect(JSON.stringify(told)).not.toContain('hush')
    expect(readFileSync(join(test.folder, 'hub.log'), 'utf8')).not.toContain('hush')
    await client.command('account/logout', {})
    expect(existsSync(join(test.codex.home, 'auth.json'))).toBe(false)
  })

  it('[ACC2] a login by browser gives its link, runs once per home, and is cancelled', async () => {
    const { job } = await client.command('account/login', { method: 'browser' })
    expect(job).toMatchObject({
      kind: 'login',
      status: 'running',
      capabilities: ['job/cancel'],
      userCode: null,
    })
    expect(job.url).toMatch(/^https:\/\/auth\.openai\.com\//)
    await expect(client.command('account/login', { method: 'deviceCode' })).rejects.toMatchObject({
      data: { name: 'notPossible', facts: { reason: 'loginRuns', jobId: job.id } },
    })
    await client.command('job/cancel', { jobId: job.id })
    expect(await ended(client, job)).toMatchObject({ status: 'cancelled', endedAt: expect.any(Number) })
  })

  it('[ACC3] a login by code that cannot reach anybody is refused, and leaves nothing running', async () => {
    const asked = client.command('account/login', { method: 'deviceCode' })
    const name = isAtLeast(version, '0.120.0') ? 'codexFailed' : 'unsupported'
    await expect(asked).rejects.toMatchObject({ data: { facts: expect.any(Object) } })
    await expect(asked).rejects.toMatchObject({
      data: { name: expect.stringMatching(`${name}|codexFailed`) },
    })
    const { jobs } = await client.request('job/list', {})
    expect(jobs.filter(({ status }) => status === 'running')).toEqual([])
  })

  it('[ACC4] limits and usage are refused in the words of Codex where no account has any', async () => {
    await expect(client.request('account/rateLimits', {})).rejects.toMatchObject({
      data: {
        name: 'codexFailed',
        facts: { codexMessage: expect.stringContaining('authentication required') },
      },
    })
  })
})

describe.runIf(isAtLeast(version, '0.160.0'))('an account', () => {
  let backend: AccountBackend
  let test: TestHub
  let client: HubClient

  beforeAll(async () => {
    backend = await startAccountBackend(ANSWERS)
    vi.stubEnv('CODEX_APP_SERVER_LOGIN_ISSUER', backend.issuer)
    vi.stubEnv('CODEX_REFRESH_TOKEN_URL_OVERRIDE', `${backend.issuer}/oauth/token`)
    test = await makeHub({ script, toml: `chatgpt_base_url = "${backend.chatgpt}"` })
    // The file ends within the model's provider.
    appendFileSync(join(test.codex.home, 'config.toml'), 'requires_openai_auth = true\n')
    client = test.client('laptop')
  })
  afterAll(async () => {
    await test.close()
    await backend.close()
    vi.unstubAllEnvs()
  })

  const authFile = () => join(test.codex.home, 'auth.json')

  const ada = {
    type: 'chatgpt',
    email: ACCOUNT.email,
    plan: ACCOUNT.plan,
    workspace: null,
    needsLogin: false,
  }
  const nobody = { type: null, email: null, plan: null, workspace: null, needsLogin: true }

  it('[ACC5] a login by code shows the code, ends when it was entered, and logs out again', async () => {
    expect(await client.request('account/read', {})).toEqual(nobody)
    const { job } = await client.command('account/login', { method: 'deviceCode' })
    expect(job).toMatchObject({
      status: 'running',
      url: `${backend.issuer}/codex/device`,
      userCode: USER_CODE,
      capabilities: ['job/cancel'],
    })
    backend.grant()
    expect(await ended(client, job)).toMatchObject({ status: 'completed', problem: null, capabilities: [] })
    expect(await client.request('account/read', {})).toEqual(ada)
    expect((await cliOf(test.folder)('account', 'status')).stdout).toContain(ACCOUNT.email)
    const told = [await client.request('job/list', {}), await client.request('hub/status', {})]
    expect(JSON.stringify(told) + readFileSync(join(test.folder, 'hub.log'), 'utf8')).not.toContain('hush')
    expect(await client.command('account/logout', {})).toEqual(nobody)
    expect(existsSync(authFile())).toBe(false)
  })

  it('[ACC6] a login by browser ends when the browser comes back', async () => {
    const { job } = await client.command('account/login', { method: 'browser' })
    const asked = new URL(String(job.url)).searchParams
    const back = new URL(String(asked.get('redirect_uri')))
    back.search = new URLSearchParams({ code: 'code-2', state: String(asked.get('state')) }).toString()
    expect((await fetch(back)).status).toBe(200)
    expect(await ended(client, job)).toMatchObject({ status: 'completed', problem: null })
    expect(await client.request('account/read', {})).toEqual(ada)
  })

  it('[ACC7] limits are told with the time each begins anew, and what was used by day', async () => {
    expect(await client.request('account/rateLimits', {})).toEqual({
      limits: [
        {
          id: 'codex',
          name: null,
          primary: { usedPercent: 42, windowMs: 18_000_000, resetsAt: FIVE_HOURS_END * 1_000 },
          secondary: { usedPercent: 7, windowMs: 604_800_000, resetsAt: WEEK_END * 1_000 },
          credits: { hasCredits: true, unlimited: false, balance: '3.50' },
          plan: ACCOUNT.plan,
          reached: null,
        },
      ],
    })
    expect(await client.request('account/usage', {})).toEqual({
      lifetimeTokens: 1_000,
      peakDailyTokens: 500,
      longestTurnMs: 60_000,
      currentStreakDays: 2,
      longestStreakDays: 3,
      days: [{ date: '2026-11-20', tokens: 500 }],
    })
    const cli = cliOf(test.folder)
    expect((await cli('account', 'limits')).stdout).toContain('42')
    expect((await cli('account', 'usage')).stdout).toContain('500')
  })

  it('[ACC9] a login that has ended asks for a person', async () => {
    backend.revoke()
    const log = client.attention()
    log.subscribe(() => {})
    const { session } = await client.command('session/create', {
      cwd: test.codex.project,
      input: text('who am I'),
    })
    const { turns } = await stateWhere(client.session(session.id), isIdle)
    expect(turns).toMatchObject([{ status: 'failed', error: { code: 'unauthorized' } }])
    const entries = () => [...(log.getSnapshot().state?.entries.values() ?? [])]
    await until(() => entries().length > 0)
    expect(entries()).toMatchObject([{ kind: 'login', sessionId: session.id, clearedAt: null }])
  })
})

it('[ACC8] limits reach the session with each answer; one that is reached asks for a person, and what was known stays', async () => {
  const test = await makeHub({ script })
  onTestFinished(() => test.close())
  const client = test.client('laptop')
  const log = client.attention()
  log.subscribe(() => {})
  const open = () =>
    [...(log.getSnapshot().state?.entries.values() ?? [])].filter(({ clearedAt }) => clearedAt === null)
  const { session } = await client.command('session/create', {
    cwd: test.codex.project,
    input: text('hello'),
  })
  const sessionId = session.id
  const view = client.session(sessionId)
  const limits = {
    primary: { usedPercent: 42, windowDurationMins: 300, resetsAt: FIVE_HOURS_END },
    secondary: { usedPercent: 7, windowDurationMins: 10_080, resetsAt: WEEK_END },
  }
  const { summary } = await stateWhere(view, isIdle)
  expect(summary.rateLimits).toMatchObject(limits)
  expect(summary.tokens?.last).toMatchObject({ totalTokens: 120, inputTokens: 100, outputTokens: 20 })
  await client.command('session/send', { sessionId, input: text('too much') })
  const failed = await stateWhere(view, (state) => isIdle(state) && state.turns.length === 2)
  expect(failed.turns.at(-1)).toMatchObject({ status: 'failed', error: { code: 'usageLimitExceeded' } })
  expect(failed.summary.rateLimits).toMatchObject(limits)
  await until(() => open().some(({ kind }) => kind === 'rateLimited'))
  expect(open()).toMatchObject([{ sessionId, text: expect.stringContaining('usage limit') }])
  await client.command('session/send', { sessionId, input: text('go on') })
  await until(() => open().every(({ kind }) => kind === 'finished'))
})
