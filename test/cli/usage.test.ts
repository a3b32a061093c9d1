/** How the command line is used, and how it says that it was not: failures, empty lists, help. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { isIdle, stateWhere, text } from '../harness/watch.ts'
import { type CliResult, cliOf } from './run-cli.ts'

let test: TestHub
let cli: (...args: string[]) => Promise<CliResult>

beforeAll(async () => {
  test = await makeHub({ script: () => [{ say: 'heard' }] })
  cli = cliOf(test.folder)
})
afterAll(() => test.close())

/** Make a session in which something was said. */
async function begin(name: string): Promise<void> {
  const client = test.client('laptop')
  const { session } = await client.command('session/create', {
    cwd: test.codex.project,
    name,
    input: text('hello'),
  })
  await stateWhere(client.session(session.id), isIdle)
}

describe('the command line', () => {
  it('[CLI16] a list says how much it leaves out; for programs it is whole', async () => {
    await begin('One')
    await begin('Two')
    const { length } = JSON.parse((await cli('--json', 'sessions')).stdout)
    const { stdout } = await cli('sessions', '--limit', '1')
    expect(stdout.split('\n')).toHaveLength(3)
    expect(stdout).toMatch(new RegExp(`\nand ${length - 1} more; --limit shows them$`))
  })

  it('[CLI16] where there is nothing, that is said', async () => {
    await begin('Nothing')
    const said = async (...args: string[]) => {
      const { exitCode, stdout } = await cli(...args)
      return exitCode === 0 && stdout
    }
    expect(await said('sessions', '--archived')).toBe('No archived sessions.')
    expect(await said('files', 'no-such-letters', '--cwd', test.codex.project)).toBe('No such files.')
    expect(await said('plan', 'Nothing')).toContain('proposed no plan')
    expect(await said('queue', 'Nothing')).toBe('Nothing waits.')
    expect(await said('search', 'no-such-word-anywhere')).toContain('Nothing was found.')
  })

  it('[CLI3] wrong usage is told with what would be right', async () => {
    expect(await cli('frobnicate')).toMatchObject({
      exitCode: 2,
      stderr: 'error: there is no command "frobnicate"; "codex-hub --help" lists them',
    })
    expect(await cli('queue', 'no such session', 'frobnicate')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"frobnicate" is none of list, add'),
    })
    expect(await cli('search', '--kind', 'all', 'x')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('One of title, prompt, message is expected'),
    })
    expect((await cli('revert', 'any', '--turns', '0')).exitCode).toBe(2)
    expect((await cli('serve', '--port', 'many')).exitCode).toBe(2)
    expect((await cli('new', '   ')).exitCode).toBe(2)
    expect((await cli('new', 'look', '--image', 'missing.png')).exitCode).toBe(2)
  })

  it('[CLI3] each kind of failure has its exit code and says what to do', async () => {
    expect(await cli('send', 'no such session', 'hello')).toMatchObject({
      exitCode: 1,
      stderr: 'codex-hub: No session is called "no such session"; "codex-hub sessions" lists them.',
    })
    const wrong = await cli('--json', 'new', '--sandbox', 'open')
    expect(JSON.parse(wrong.stderr)).toMatchObject({ error: { exitCode: 2 } })
    const nowhere = await cli('--json', 'new', 'hi', '--cwd', '/no/such/folder')
    expect([nowhere.exitCode, JSON.parse(nowhere.stderr)]).toMatchObject([
      2,
      { error: { name: 'invalidPath' } },
    ])
    expect(await cli('--token', 'wrong-wrong-wrong-wrong', 'status')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('CODEX_HUB_HOME'),
    })
    const busy = await cli('serve')
    expect([busy.exitCode, busy.stderr]).toEqual([
      3,
      expect.stringContaining(`process ${process.pid} at ${test.hub.url}`),
    ])
    expect(await cliOf(`${test.folder}-none`)('sessions')).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('codex-hub serve'),
    })
    expect((await cli('--url', 'http://127.0.0.1:1', 'status')).exitCode).toBe(4)
  })

  it('[CLI12] without a terminal there are no colours and no control sequences', async () => {
    for (const args of [['sessions'], ['status'], ['doctor'], ['models'], ['--help']]) {
      const { stdout } = await cli(...args)
      expect(stdout).not.toContain('\u001b')
      expect(stdout).not.toBe('')
    }
  })

  it('[CLI13] every command has help with an example; the README names it, and the exit codes', async () => {
    const { stdout } = await cli('--help')
    expect(stdout).toMatch(/Exit codes:[\s\S]*6 +it is unknown/)
    const readme = readFileSync('README.md', 'utf8')
    for (const line of stdout.match(/^ {2}\d {2}.*$/gm) ?? []) {
      const [, code, says] = line.match(/^ {2}(\d) {2}(.*)$/) ?? []
      expect(readme).toContain(`| ${code} | ${says} |`)
    }
    const names = [...stdout.matchAll(/^ {2}([a-z][a-z-]*)[ |[]/gm)].map(([, name = '']) => name)
    const commands = names.slice(0, names.indexOf('help'))
    expect(commands.length).toBeGreaterThan(15)
    const documents = [
      'README.md',
      'PROTOCOL.md',
      'docs/mcp.md',
      'docs/isolation.md',
      'docs/export-format.md',
    ]
    const said = documents.map((file) => readFileSync(file, 'utf8')).join('\n')
    const check = async (command: string) => {
      const help = (await cli(command, '--help')).stdout
      expect(help).toContain('Example')
      expect(readme).toMatch(new RegExp(`codex-hub ${command}\\b`))
      const lines = [...said.matchAll(new RegExp(`codex-hub ${command}\\b[^\`\\n|#"]*`, 'g'))].map(String)
      const unknown = (...helps: string[]) =>
        lines.flatMap((line) => {
          const options = line.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []
          return options.filter((option) => !helps.some((text) => text.includes(`${option} `)))
        })
      if (unknown(help).length === 0) return
      const [, subcommands = ''] = help.split('\nCommands:\n')
      const names = [...subcommands.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name)
      const more = await Promise.all(names.map(async (name) => (await cli(command, name, '--help')).stdout))
      expect(unknown(help, ...more)).toEqual([])
    }
    for (let at = 0; at < commands.length; at += 4) await Promise.all(commands.slice(at, at + 4).map(check))
  }, 120_000)
})
