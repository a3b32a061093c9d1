/** `codex-hub doctor`: looks at everything the hub needs, and says how to mend what is wrong. */
import { accessSync, constants, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { CodexDriver } from '../../connectors/codex/driver.ts'
import { openStore } from '../../persistence/open-store.ts'
import { type Config, dataFolder, readConfig } from '../../server/config.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import type { Run } from '../run.ts'
import { paint, safe, table } from '../text.ts'
import { VERSION } from '../version.ts'

interface Finding {
  readonly what: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly says: string
}

export function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('check Codex, folders, database and port, and say how to mend what is wrong')
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
  const folder = dataFolder()
  let config: Config
  try {
    config = readConfig(folder)
  } catch (error) {
    return [{ what: 'configuration', state: 'fail', says: textOf(error) }]
  }
  const running = await hubFinding(context)
  return [
    { what: 'node', state: 'ok', says: `${process.version}, codex-hub ${VERSION}` },
    ...(await codexFindings(config)),
    folderFinding('data folder', folder, 'Set CODEX_HUB_HOME to a folder of yours.'),
    folderFinding(
      'Codex home',
      config.codexHome ?? process.env.CODEX_HOME ?? join(homedir(), '.codex'),
      'Run Codex once, or set "codexHome".',
    ),
    tokenFinding(folder),
    running ?? (await databaseFinding(folder)),
    ...(running ? [] : [await portFinding(config)]),
  ]
}

async function codexFindings(config: Config): Promise<Finding[]> {
  const driver = new CodexDriver({
    config: {
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
    const { path, version, source, problem, methods } = await driver.report()
    if (problem !== null) return [{ what: 'Codex', state: 'fail', says: problem }]
    return [
      { what: 'Codex', state: 'ok', says: `${version}, ${source}: ${path}` },
      {
        what: 'capabilities',
        state: methods.length > 0 ? 'ok' : 'warn',
        says: `${methods.length} methods of the app-server`,
      },
    ]
  } finally {
    await driver.close()
  }
}

function folderFinding(what: string, folder: string, cure: string): Finding {
  const entry = statSync(folder, { throwIfNoEntry: false })
  if (!entry)
    return { what, state: 'warn', says: `${folder} does not exist yet. It is made at the first start.` }
  try {
    accessSync(folder, constants.R_OK | constants.W_OK)
  } catch {
    return { what, state: 'fail', says: `${folder} cannot be written. ${cure}` }
  }
  return { what, state: 'ok', says: folder }
}

function tokenFinding(folder: string): Finding {
  const file = join(folder, 'token')
  const entry = statSync(file, { throwIfNoEntry: false })
  if (!entry) return { what: 'token', state: 'ok', says: 'made at the first start' }
  const isOpen = process.platform !== 'win32' && (entry.mode & 0o077) !== 0
  if (isOpen) return { what: 'token', state: 'fail', says: `Others may read ${file}: chmod 600 ${file}` }
  return { what: 'token', state: 'ok', says: file }
}

async function hubFinding(context: Context): Promise<Finding | null> {
  try {
    const hub = await context.hub()
    const { version, uptimeMs } = await hub.request('hub/status', {})
    return { what: 'hub', state: 'ok', says: `version ${version} runs for ${Math.round(uptimeMs / 1_000)} s` }
  } catch {
    return null
  }
}

async function databaseFinding(folder: string): Promise<Finding> {
  const what = 'database'
  if (!statSync(join(folder, 'hub.sqlite'), { throwIfNoEntry: false })) {
    return { what, state: 'ok', says: 'made at the first start' }
  }
  try {
    const store = await openStore({ folder, log: silentLog, clock: systemClock })
    const { schemaVersion, databaseBytes } = await store.stats()
    await store.close()
    return { what, state: 'ok', says: `schema ${schemaVersion}, ${Math.round(databaseBytes / 1024)} KiB` }
  } catch (error) {
    return { what, state: 'fail', says: textOf(error) }
  }
}

function portFinding({ port, host }: Config): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const says = `${host}:${port} cannot be used (${error.code}); choose another with --port or "port".`
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
