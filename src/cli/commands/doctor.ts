/** `codex-hub doctor`: looks at everything the hub needs, and says how to mend what is wrong. */
import { accessSync, constants, existsSync, type Stats, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { type Config, readConfig } from '../../server/config.ts'
import { type Context, isAlive } from '../context.ts'
import { EXIT } from '../exit.ts'
import type { Run } from '../run.ts'
import { ago, paint, safe, table } from '../text.ts'
import { VERSION } from '../version.ts'

interface Finding {
  readonly what: string
  readonly state: 'ok' | 'warn' | 'fail'
  /** What was seen; unless it is `ok`, with what to do. */
  readonly says: string
}

export function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('check Codex, folders, database and port, and say how to mend what is wrong')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub doctor\n  codex-hub --json doctor | jq ".findings[] | select(.state != \\"ok\\")"',
    )
    .action(
      run(async (context) => {
        const findings = await examine(context)
        const isWell = findings.every(({ state }) => state !== 'fail')
        context.print({ ok: isWell, findings }, () =>
          table(findings.map(({ what, state, says }) => [mark(state), what, safe(says)])),
        )
        if (!isWell) process.exitCode = EXIT.failed
      }),
    )
}

function mark(state: Finding['state']): string {
  if (state === 'ok') return paint('green', 'ok')
  return state === 'warn' ? paint('yellow', 'warn') : paint('red', 'fail')
}

async function examine(context: Context): Promise<Finding[]> {
  const { folder } = context
  let config: Config
  try {
    config = readConfig(folder)
  } catch (error) {
    return [{ what: 'configuration', state: 'fail', says: textOf(error) }]
  }
  const home = config.codexHome ?? process.env.CODEX_HOME ?? join(homedir(), '.codex')
  const hub = await hubFinding(context)
  const isRunning = context.notice() !== null && hub.state !== 'warn'
  return [
    { what: 'node', state: 'ok', says: `${process.version}, codex-hub ${VERSION}` },
    ...(await codexFindings(config)),
    folderFinding('Codex home', home, 'Give it to yourself, or set "codexHome" in config.json.'),
    privateFolderFinding(folder),
    tokenFinding(folder),
    await databaseFinding(folder),
    hub,
    ...(isRunning ? [] : [await portFinding(config)]),
  ]
}

async function codexFindings(config: Config): Promise<Finding[]> {
  const { CodexDriver } = await import('../../connectors/codex/driver.ts')
  const driver = new CodexDriver({
    config: {
      transport: config.transport,
      isolation: config.isolation,
      ...(config.codexPath === undefined ? {} : { codexPath: config.codexPath }),
      ...(config.codexHome === undefined ? {} : { codexHome: config.codexHome }),
    },
    hubId: 'doctor',
    hubVersion: VERSION,
    ledger: { record: async () => {}, forget: () => {} },
    log: silentLog,
    clock: systemClock,
    socketFolder: '',
    hubLockPath: '',
  })
  try {
    const { path, version, source, problem, methods, canShare } = await driver.report()
    if (problem !== null) return [{ what: 'Codex', state: 'fail', says: problem }]
    return [
      { what: 'Codex', state: 'ok', says: `${version}, ${source}: ${path}` },
      {
        what: 'capabilities',
        state: methods.length > 0 ? 'ok' : 'warn',
        says: `${methods.length} methods of the app-server`,
      },
      ...(canShare === null ? [] : [sharingFinding(canShare)]),
    ]
  } finally {
    await driver.close()
  }
}

/** What is configured and cannot be had falls back without a word where sessions are opened. */
function sharingFinding(canShare: boolean): Finding {
  const what = 'isolation'
  if (canShare) return { what, state: 'ok', says: 'sessions share a process' }
  const says =
    'Each session has a process of its own, not one for all: sharing needs Codex 0.142 or later over a Unix socket. ' +
    'Update Codex, leave "transport" out of config.json, or set "isolation" to "process" there.'
  return { what, state: 'warn', says }
}

function folderFinding(what: string, folder: string, cure: string): Finding {
  const entry = statSync(folder, { throwIfNoEntry: false })
  if (!entry) {
    const above = firstExisting(dirname(folder))
    if (isWritable(above)) return { what, state: 'ok', says: `${folder}, made at the first start` }
    return { what, state: 'fail', says: `${folder} cannot be made in ${above}. ${cure}` }
  }
  if (!entry.isDirectory()) return { what, state: 'fail', says: `${folder} is no folder. ${cure}` }
  if (!isWritable(folder)) return { what, state: 'fail', says: `${folder} cannot be written. ${cure}` }
  return { what, state: 'ok', says: folder }
}

/** The data folder holds the token and everything that was said: it is nobody else's. */
function privateFolderFinding(folder: string): Finding {
  const what = 'data folder'
  const found = folderFinding(what, folder, 'Set CODEX_HUB_HOME to a folder of yours.')
  const entry = statSync(folder, { throwIfNoEntry: false })
  if (found.state !== 'ok' || !entry || !isOpenToOthers(entry)) return found
  return { what, state: 'warn', says: `Others may look into ${folder}: chmod 700 ${folder}` }
}

function firstExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : firstExisting(dirname(folder))
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

function isOpenToOthers({ mode }: Stats): boolean {
  return process.platform !== 'win32' && (mode & 0o077) !== 0
}

function tokenFinding(folder: string): Finding {
  const file = join(folder, 'token')
  const entry = statSync(file, { throwIfNoEntry: false })
  if (!entry) return { what: 'token', state: 'ok', says: 'made at the first start' }
  if (isOpenToOthers(entry)) {
    const says = `Others may read ${file}: chmod 600 ${file}, or delete it for a new one at the next start.`
    return { what: 'token', state: 'fail', says }
  }
  return { what: 'token', state: 'ok', says: file }
}

async function databaseFinding(folder: string): Promise<Finding> {
  const what = 'database'
  try {
    const { inspectDatabase } = await import('../../persistence/inspect.ts')
    const found = inspectDatabase(folder)
    if (!found) return { what, state: 'ok', says: 'made at the first start' }
    const { schema, pending, databaseBytes } = found
    const next = pending > 0 ? `; the next start copies and updates it (${pending} steps)` : ''
    return { what, state: 'ok', says: `schema ${schema}, ${Math.round(databaseBytes / 1024)} KiB${next}` }
  } catch (error) {
    return { what, state: 'fail', says: textOf(error) }
  }
}

async function hubFinding(context: Context): Promise<Finding> {
  const what = 'hub'
  const notice = context.notice()
  if (notice && !isAlive(notice.pid)) {
    const says = `process ${notice.pid} was killed. "codex-hub serve" starts it again and joins its sessions.`
    return { what, state: 'warn', says }
  }
  const isNamed = context.options.url !== undefined || process.env.CODEX_HUB_URL !== undefined
  if (!notice && !isNamed) return { what, state: 'ok', says: 'not running; "codex-hub serve" starts it' }
  try {
    const hub = await context.hub()
    const { version, uptimeMs } = await hub.request('hub/status', {})
    const where = notice && !isNamed ? `process ${notice.pid} at ${notice.url}, ` : ''
    return { what, state: 'ok', says: `${where}version ${version}, up for ${ago(0, uptimeMs)}` }
  } catch (error) {
    const kill = notice && !isNamed ? ` If process ${notice.pid} hangs, end it; its sessions go on.` : ''
    return { what, state: 'fail', says: `${textOf(error)}${kill}` }
  }
}

function portFinding({ port, host }: Config): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const says = `${host}:${port} cannot be used (${error.code}). Choose another with --port, or "port" in config.json.`
      resolve({ what: 'port', state: 'fail', says })
    })
    server.listen(port, host, () => {
      server.close(() => resolve({ what: 'port', state: 'ok', says: `${host}:${port} is free` }))
    })
  })
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
