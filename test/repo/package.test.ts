import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it } from 'vitest'

/** Installs the package as a stranger would: packed, into an empty folder, run by its own command. */
let root: string
let installed: string
const node = process.execPath

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'hub-package-'))
  installed = join(root, 'stranger')
  mkdirSync(installed)
  writeFileSync(join(installed, 'package.json'), '{"private":true,"type":"module"}')
  const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', root], {
    env: { npm_config_loglevel: 'error' },
  })
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }]
  await execa('npm', ['install', '--no-audit', '--no-fund', join(root, filename)], { cwd: installed })
}, 240_000)

afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }))

const bin = () => join(installed, 'node_modules', 'codex-hub', 'dist', 'hub', 'main.js')

it('[REP1] the packed package installs in an empty folder and its command tells its version', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  const { stdout } = await execa(node, [bin(), '--version'])
  expect(stdout.trim()).toBe(version)
})

it('[REP1] an older Node is told which one is needed, and nothing else', async () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
  const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`
  const flags = ['--import', `data:text/javascript,${encodeURIComponent(older)}`]
  const { exitCode, stdout, stderr } = await execa(node, [...flags, bin(), 'serve'], { reject: false })
  expect([exitCode, stdout, stderr]).toEqual([
    1,
    '',
    `codex-hub needs Node ${engines.node.slice(2)} or newer; this is Node 20.20.2 (${node}).`,
  ])
})

it('[REP2] the installed hub starts, answers with its token, and stops when asked', async () => {
  const home = join(root, 'home')
  const child = spawn(node, [bin(), 'serve', '--port', '0'], {
    env: { ...process.env, CODEX_HUB_HOME: home, CODEX_HOME: join(root, 'codex') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  try {
    let said = ''
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the hub ended with ${code}: ${said}`)))
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          said += chunk.toString()
          const found = said.match(/http:\/\/127\.0\.0\.1:\d+/)
          if (found) resolve(found[0])
        })
      }
    })
    const token = readFileSync(join(home, 'token'), 'utf8').trim()
    const answer = await fetch(`${url}/health`, { headers: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ ok: true, sessions: {} })
    const page = await (await fetch(url)).text()
    const script = /src="\/(assets\/[^"]+\.js)"/.exec(page)?.[1]
    expect((await fetch(`${url}/${script}`)).headers.get('content-type')).toContain('javascript')
  } finally {
    child.kill('SIGTERM')
  }
  expect(await exited).toBe(0)
})

it('[REP3] the SDK and its types are part of the package', async () => {
  writeFileSync(
    join(installed, 'use.js'),
    "import { connectHub } from 'codex-hub/client'\nconsole.log(typeof connectHub)\n",
  )
  const { stdout } = await execa(node, ['use.js'], { cwd: installed })
  expect(stdout).toBe('function')
  writeFileSync(
    join(installed, 'use.ts'),
    "import { connectHub, type HubClient } from 'codex-hub/client'\nimport { ERRORS } from 'codex-hub/protocol/errors'\nexport const connect: (url: string) => HubClient = (url) => connectHub({ url, token: '', client: { id: 'a', name: ERRORS.stale.says } })\n",
  )
  const tsc = join(process.cwd(), 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [
    tsc,
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--lib',
    'es2024,dom',
    'use.ts',
  ]
  const checked = await execa(node, args, { cwd: installed, reject: false })
  expect(checked.stdout).toBe('')
})

it('[STA1] the hub has what it runs on inside, with their licenses; beside it stands what is no JavaScript', () => {
  const folder = dirname(bin())
  const programs = readdirSync(folder).filter((file) => file.endsWith('.js'))
  const named = programs.flatMap((file) => [
    ...readFileSync(join(folder, file), 'utf8').matchAll(
      /^import .*? from "([^".][^"]*)"|await import\("([^".][^"]*)"\)/gm,
    ),
  ])
  const outside = named.map(([, from, lazily]) => from ?? lazily ?? '').filter((name) => !isBuiltin(name))
  expect([...new Set(outside)].sort()).toEqual(['better-sqlite3', 'open'])
  const licenses = readFileSync(join(folder, 'LICENSES.txt'), 'utf8')
  for (const name of ['fastify', 'kysely', 'pino', 'zod'])
    expect(licenses).toMatch(new RegExp(`^${name} \\d`, 'm'))
})
