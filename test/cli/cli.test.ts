import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoScript } from '../../src/demo/script.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { locateTestCodex } from '../harness/test-codex.ts'
import { until } from '../harness/until.ts'
import { isIdle, stateWhere } from '../harness/watch.ts'
import { type CliResult, cliOf, printed, startCli } from './run-cli.ts'

let test: TestHub
let cli: (...args: string[]) => Promise<CliResult>
const asking = ['--approval-policy', 'on-request', '--sandbox', 'workspace-write']

beforeAll(async () => {
  test = await makeHub({
    script: demoScript,
    model: 'gpt-5.5',
    toml: '[features]\ndefault_mode_request_user_input = true',
  })
  cli = cliOf(test.folder)
})
afterAll(() => test.close())

/** Make a session with a prompt. @returns its id and the hub's view of it */
async function begin(prompt: string, ...more: string[]) {
  const { stdout } = await cli('new', prompt, '--cwd', test.codex.project, ...asking, ...more)
  expect(stdout).toMatch(/^ses_\S+$/)
  return { id: stdout, session: test.client().session(stdout) }
}

describe('the command line', () => {
  it('[CLI1] a session is made, watched to the end of its turn, listed, renamed and ended', async () => {
    const made = await cli('new', 'What can I try?', '--cwd', test.codex.project, '--name', 'Tour', '--watch')
    expect(made.exitCode).toBe(0)
    expect(made.stdout).toContain('> What can I try?')
    expect(made.stdout).toContain('I am **not** a model')
    const listed = JSON.parse((await cli('--json', 'sessions')).stdout)
    expect(listed).toMatchObject([{ title: 'Tour', phase: 'idle', counters: { turns: 1 } }])
    expect((await cli('rename', 'Tour', 'Grand tour')).stdout).toContain('is now "Grand tour"')
    const changed = await cli('configure', 'Grand tour', '--sandbox', 'read-only', '--effort', 'high')
    expect(changed.stdout).toMatch(/effort +high/)
    expect((await cli('end', 'Grand tour')).stdout).toBe('"Grand tour" is closed.')
    expect((await cli('resume', listed[0].id.slice(-8))).stdout).toBe('"Grand tour" is idle.')
    const { stdout } = await cli('--json', 'open', 'Grand tour')
    expect(JSON.parse(stdout)).toMatchObject({ command: expect.arrayContaining([listed[0].threadId]) })
    expect((await cli('models')).stdout).toContain('(default)')
  })

  it('[CLI2] an approval is shown live with its choices, and answered with the mildest', async () => {
    const { id } = await begin('run echo hi', '--name', 'Asks')
    const watching = startCli(test.folder, ['watch', 'Asks'])
    const asked = await printed(watching, /codex-hub approve/)
    expect(asked).toMatch(
      /\? echo hi {2}\S+\n {2}The demo asks for every command\.\n {4}accept +Allow once\n/,
    )
    expect((await cli('sessions')).stdout).toContain('needs approval')
    const [pending] = JSON.parse((await cli('--json', 'approve', id, '--list')).stdout) as { id: string }[]
    const ending = printed(watching, /Allow once, by codex-hub CLI[\s\S]*exit 0[\s\S]*Done/)
    expect(await cli('approve', id)).toMatchObject({ exitCode: 0, stdout: 'echo hi: Allow once' })
    await ending
    watching.kill('SIGINT')
    expect((await watching).exitCode).toBe(0)

    const late = await cli('--json', 'deny', id, pending?.id ?? '')
    expect(late.exitCode).toBe(5)
    expect(JSON.parse(late.stderr)).toMatchObject({
      error: {
        message: expect.stringMatching(/^Too late: codex-hub CLI answered accept \d+s ago\.$/),
        name: 'stale',
        facts: { decision: 'accept', by: { name: 'codex-hub CLI' } },
      },
    })
    expect(await cli('deny', id)).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining('waits for nothing'),
    })
  })

  it('[CLI2] what is denied does not run', async () => {
    const { id, session } = await begin('run touch denied.txt')
    await stateWhere(session, ({ summary }) => summary.phase === 'awaitingApproval')
    expect((await cli('deny', id)).exitCode).toBe(0)
    const { items } = await stateWhere(session, isIdle)
    expect(items.find(({ type }) => type === 'commandExecution')?.status).not.toBe('completed')
  })

  it('[CLI9] a question is answered by its id, and not without', async () => {
    const { id, session } = await begin('ask')
    await stateWhere(session, ({ summary }) => summary.phase === 'awaitingApproval')
    const without = await cli('approve', id)
    expect(without).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('[Red | Blue]') })
    expect((await cli('approve', id, '--answer', 'Blue')).exitCode).toBe(2)
    expect((await cli('approve', '--answer', 'colour=Blue', id)).exitCode).toBe(0)
    await stateWhere(session, isIdle)
    expect((await cli('watch', id, '--until-idle')).stdout).toContain('"Blue"')
  })

  it('[CLI8] a watched turn that fails or is interrupted makes exit code 1', async () => {
    const failed = await cli('new', 'fail', '--cwd', test.codex.project, '--name', 'Fails', '--watch')
    expect(failed).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('turn failed: ') })
    const slow = startCli(test.folder, ['--json', 'send', 'Fails', 'slow', '--watch'])
    await printed(slow, /"append"/)
    expect((await cli('interrupt', 'Fails')).stdout).toBe('Interrupted.')
    const { exitCode, stdout } = await slow
    const lines = stdout.split('\n').map((line) => JSON.parse(line))
    expect(exitCode).toBe(1)
    expect(lines[0]).toMatchObject({ item: { type: 'userMessage' } })
    expect(lines.at(-1)).toMatchObject({ turn: { status: 'interrupted' } })
  })

  it('[CLI7] several sessions of one name are listed instead of guessed', async () => {
    const one = await begin('think', '--name', 'Twin')
    const two = await begin('think', '--name', 'Twin')
    const { exitCode, stderr } = await cli('end', 'Twin')
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(one.id)])
    expect(stderr).toContain(two.id)
    expect((await cli('end', one.id.slice(-8))).exitCode).toBe(0)
  })

  it('[CLI3] [OPS4] an effort that the model does not have is a wrong usage, whoever names the model', async () => {
    const { id } = await begin('hello', '--model', 'gpt-5.5', '--name', 'Efforts')
    await stateWhere(test.client().session(id), isIdle)
    const refusal = {
      exitCode: 2,
      stderr: expect.stringContaining('gpt-5.5 has no effort "heroic"; it has '),
    }
    expect(await cli('send', 'Efforts', 'no', '--effort', 'heroic')).toMatchObject(refusal)
    const { total } = await test.client().request('session/list', {})
    expect(await cli('new', 'no', '--cwd', test.codex.project, '--effort', 'heroic')).toMatchObject(refusal)
    expect(await test.client().request('session/list', {})).toMatchObject({ total })
  })

  it('[CLI15] what others started is listed with its control; sessions are handed over in both directions', async () => {
    const { path } = await locateTestCodex()
    const { home, project } = test.codex
    const args = [
      'exec',
      '--skip-git-repo-check',
      '--dangerously-bypass-approvals-and-sandbox',
      'begun elsewhere',
    ]
    await execa(path, args, { cwd: project, env: { CODEX_HOME: home }, stdin: 'ignore' })
    const list = test.client('adopting').sessions()
    const unsubscribe = list.subscribe(() => {})
    await until(() =>
      [...(list.getSnapshot().state?.sessions.values() ?? [])].some(
        ({ title }) => title === 'begun elsewhere',
      ),
    )
    unsubscribe()
    const { stdout } = await cli('adopt', '--wait')
    expect(stdout).toContain(home)
    expect(stdout).toMatch(/begun elsewhere .* none: seen from its file/)
    expect((await cli('take-over', 'begun elsewhere')).stdout).toBe('"begun elsewhere" is driven, idle.')
    expect(await cli('take-over', 'begun elsewhere')).toMatchObject({ exitCode: 5 })
    expect((await cli('release', 'begun elsewhere')).stdout).toMatch(
      /^cd \S+ && CODEX_HOME=\S+ \S+ resume \S{36}$/,
    )
    expect((await cli('join', 'begun elsewhere')).stderr).toContain('daemon does not have this thread open')
  })

  it('[CLI4] the doctor finds a running hub and a sound folder', async () => {
    const { exitCode, stdout } = await cli('--json', 'doctor')
    const { ok, findings } = JSON.parse(stdout) as {
      ok: boolean
      findings: { what: string; state: string; says: string }[]
    }
    expect([exitCode, ok]).toEqual([0, true])
    expect(findings.map(({ what }) => what)).toEqual([
      'node',
      'Codex',
      'capabilities',
      'Codex home',
      'data folder',
      'token',
      'database',
      'hub',
    ])
    expect(findings.at(-1)?.says).toContain(test.hub.url)
    expect(findings.find(({ what }) => what === 'token')?.says).toBe(join(test.folder, 'token'))
  })
})
