import { rmSync } from 'node:fs'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { safe } from '../../src/cli/text.ts'
import { demoScript } from '../../src/demo/script.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { stateWhere } from '../harness/watch.ts'

let test: TestHub
beforeAll(async () => {
  test = await makeHub({ script: demoScript, model: 'gpt-5.5' })
})
afterAll(() => test.close())

function cli(...args: string[]) {
  return execa(process.execPath, ['src/cli/main.ts', ...args], {
    env: { CODEX_HUB_HOME: test.folder, NO_COLOR: '1' },
    reject: false,
  })
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
    expect((await cli('end', 'Grand tour')).stdout).toContain('closed')
    expect((await cli('sessions')).stdout).toContain('Grand tour')
  })

  it('[CLI2] an approval is shown with its choices and answered', async () => {
    const { stdout } = await cli(
      '--json',
      'new',
      'run echo hi',
      '--cwd',
      test.codex.project,
      '--approval-policy',
      'on-request',
      '--sandbox',
      'workspace-write',
    )
    const { id } = JSON.parse(stdout) as { id: string }
    const session = test.client().session(id)
    await stateWhere(session, ({ summary }) => summary.phase === 'awaitingApproval')
    expect((await cli('sessions')).stdout).toContain('needs approval')
    const approved = await cli('approve', id)
    expect([approved.exitCode, approved.stdout]).toEqual([0, expect.stringContaining('Allow once')])
    await stateWhere(session, ({ summary }) => summary.phase === 'idle')
    const watched = await cli('watch', id, '--until-idle')
    expect(watched.stdout).toMatch(/\$ .*echo hi/)
    expect(watched.stdout).toContain('exit 0')
    const late = await cli('--json', 'approve', id)
    expect(late.exitCode).toBe(5)
    expect(JSON.parse(late.stderr).error.message).toContain('waits for nothing')
  })

  it('[CLI3] each kind of failure has its exit code and says what to do', async () => {
    const unknown = await cli('send', 'no such session', 'hello')
    expect([unknown.exitCode, unknown.stderr]).toEqual([1, expect.stringContaining('codex-hub sessions')])
    expect((await cli('frobnicate')).exitCode).toBe(2)
    expect((await cli('serve')).exitCode).toBe(3)
    const nowhere = await execa(process.execPath, ['src/cli/main.ts', 'sessions'], {
      env: { CODEX_HUB_HOME: `${test.folder}-none` },
      reject: false,
    })
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([4, expect.stringContaining('codex-hub serve')])
    rmSync(`${test.folder}-none`, { recursive: true, force: true })
  })

  it('[CLI4] the doctor looks at Codex, folders, token and hub', async () => {
    const { exitCode, stdout } = await cli('--json', 'doctor')
    const { ok, findings } = JSON.parse(stdout) as {
      ok: boolean
      findings: { what: string; state: string }[]
    }
    expect([exitCode, ok]).toEqual([0, true])
    expect(findings.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['node', 'Codex', 'capabilities', 'data folder', 'token', 'hub']),
    )
  })

  it('[CLI5] what an agent writes cannot drive the terminal', () => {
    expect(safe('a\u001b[31mred\u001b[0m\u0007\rb\u001b]0;title\u0007\n\tc\u009b1m')).toBe('aredb\n\tc')
  })

  it('[CLI6] the demo runs with no account, is driven from another process, and leaves nothing behind', async () => {
    const demo = execa(process.execPath, ['src/cli/main.ts', 'demo'], { reject: false })
    let said = ''
    const folder = await new Promise<string>((resolve) => {
      demo.stdout.on('data', (chunk) => {
        said += String(chunk)
        const found = said.match(/CODEX_HUB_HOME=(\S+)[\s\S]*Ctrl-C/)
        if (found?.[1]) resolve(found[1])
      })
    })
    const there = (...args: string[]) =>
      execa(process.execPath, ['src/cli/main.ts', ...args], {
        env: { CODEX_HUB_HOME: folder },
        reject: false,
      })
    expect((await there('send', 'Tour', 'think', '--watch')).stdout).toContain('I thought about it.')
    const { processes } = JSON.parse((await there('--json', 'status')).stdout) as {
      processes: { pid: number }[]
    }
    demo.kill('SIGINT')
    expect((await demo).exitCode).toBe(0)
    for (const { pid } of processes) expect(() => process.kill(pid, 0)).toThrow()
  })
})
