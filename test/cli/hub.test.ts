import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type CodexHome, makeCodexHome } from '../harness/codex-home.ts'
import { TEST_CODEX } from '../harness/test-codex.ts'
import { cliOf, printed, startCli } from './run-cli.ts'

let codex: CodexHome
let root: string
beforeAll(async () => {
  codex = await makeCodexHome({ script: () => [{ say: 'Hello.' }] })
  root = mkdtempSync(join(tmpdir(), 'hub-cli-'))
})
afterAll(async () => {
  await codex.close()
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
})

function serve(folder: string, ...more: string[]) {
  const chosen = TEST_CODEX === undefined ? [] : ['--codex', TEST_CODEX]
  return startCli(folder, [
    'serve',
    '--port',
    '0',
    '--codex-home',
    codex.home,
    '--grace',
    '1',
    ...chosen,
    ...more,
  ])
}

it('[CLI10] [CLI4] the hub tells where it is, keeps its token to itself, says at its end what goes on, and is looked at without a trace', async () => {
  const folder = join(root, 'one')
  const hub = serve(folder)
  const said = await printed(hub, /Ctrl-C stops the hub/)
  const token = readFileSync(join(folder, 'token'), 'utf8').trim()
  expect(said).not.toContain(token)
  expect(said).toContain(join(folder, 'token'))
  const cli = cliOf(folder)
  expect((await cli('new', 'hi', '--cwd', codex.project, '--watch')).stdout).toContain('Hello.')
  hub.kill('SIGTERM')
  const { exitCode, stdout } = await hub
  expect(exitCode).toBe(0)
  expect(stdout).toContain('Stopping. 1 session goes on without the hub for 1 s; a new one joins')

  const again = serve(folder, '--show-token')
  expect(await printed(again, /Ctrl-C stops the hub/)).toContain(token)
  expect((await cli('sessions')).stdout).toContain('hi')
  expect(await cli('stop', '--sessions')).toMatchObject({
    exitCode: 0,
    stdout: 'The hub and its sessions are stopped.',
  })
  expect((await again).exitCode).toBe(0)

  const left = readdirSync(folder)
  expect((await cli('doctor')).stdout).toMatch(/^ok +database +schema \d{4}-/m)
  expect(readdirSync(folder)).toEqual(left)
})

it('[PAG58] the link to the page is printed by `page`, and by a hub whose output a person sees or which was told to', async () => {
  const folder = join(root, 'page')
  const hub = serve(folder)
  const said = await printed(hub, /Ctrl-C stops the hub/)
  const { url } = JSON.parse(readFileSync(join(folder, 'hub.json'), 'utf8')) as { url: string }
  const link = `${url}/#token=${readFileSync(join(folder, 'token'), 'utf8').trim()}`
  expect(said).toContain('page    "codex-hub page" prints its link')
  const cli = cliOf(folder)
  expect((await cli('page')).stdout).toBe(link)
  expect(JSON.parse((await cli('--json', 'page')).stdout)).toEqual({ page: link })
  await cli('stop')
  await hub
  expect((await cli('page')).exitCode).toBe(4)
  const shown = serve(folder, '--json', '--show-token')
  const { page, token } = JSON.parse(await printed(shown, /\n/)) as { page: string; token: string }
  expect(page).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:\\d+/#token=${token}$`))
  await cli('stop')
  await shown
})

it('[CLI11] stop returns when the hub is gone, so that another can start at once', async () => {
  const folder = join(root, 'two')
  const cli = cliOf(folder)
  const first = serve(folder)
  await printed(first, /Ctrl-C stops the hub/)
  expect((await cli('stop')).exitCode).toBe(0)
  const second = serve(folder)
  await printed(second, /Ctrl-C stops the hub/)
  second.kill('SIGKILL')
  await second
  const after = await cli('sessions')
  expect(after).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('was killed') })
  expect((await cli('doctor')).stdout).toMatch(/warn +hub +process \d+ was killed/)
})

it('[CLI3] a port in use is told with what to do', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  const { exitCode, stderr } = await startCli(join(root, 'three'), ['serve', '--port', port])
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringContaining(`127.0.0.1:${port}. Choose a port with --port`),
  ])
  await new Promise((resolve) => other.close(resolve))
})

it('[CLI4] the doctor says what is wrong with a folder and how to mend it, and changes nothing', async () => {
  const folder = join(root, 'four')
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  writeFileSync(join(folder, 'hub.sqlite'), 'this is no database')
  writeFileSync(join(folder, 'token'), 'a-token-that-others-may-read')
  chmodSync(join(folder, 'token'), 0o644)
  const before = readdirSync(folder)
  const { exitCode, stdout } = await startCli(folder, ['--json', 'doctor'], {
    CODEX_HOME: join(root, 'none', 'codex'),
  })
  const { ok, findings } = JSON.parse(stdout) as {
    ok: boolean
    findings: { what: string; state: string; says: string }[]
  }
  expect([exitCode, ok]).toEqual([1, false])
  const found = Object.fromEntries(findings.map(({ what, state, says }) => [what, `${state}: ${says}`]))
  expect(found).toMatchObject({
    'data folder': `warn: Others may look into ${folder}: chmod 700 ${folder}`,
    token: expect.stringMatching(/^fail: .*chmod 600/),
    database: expect.stringMatching(/^fail: .*move the file away/),
    hub: expect.stringMatching(/^ok: not running/),
  })
  expect(readdirSync(folder)).toEqual(before)
  writeFileSync(join(folder, 'config.json'), '{"isolation":"shared","transport":"stdio"}')
  expect((await cliOf(folder)('doctor')).stdout).toMatch(/^warn +isolation +Each session has a process/m)
  writeFileSync(join(folder, 'config.json'), '{"isolation":"shared"}')
  expect((await cliOf(folder)('doctor')).stdout).toMatch(/^ok +isolation +sessions share a process/m)
  writeFileSync(join(folder, 'config.json'), '{"codexPath":"/no/such/codex"}')
  const without = await cliOf(folder)('doctor')
  expect([without.exitCode, without.stdout]).toEqual([1, expect.stringMatching(/^fail +Codex /m)])
})
