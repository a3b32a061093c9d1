/**
 * A real Codex without an account: a `CODEX_HOME` wired to a scripted model, a project folder, and a driver on it.
 * Everything is made anew for each test file and removed by `close()`, children included.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { CodexConfig } from '../../src/connectors/codex/config.ts'
import { CodexDriver } from '../../src/connectors/codex/driver.ts'
import type { ProcessLedger, ProcessRecord } from '../../src/connectors/driver.ts'
import { KILL_LADDER, terminate } from '../../src/connectors/process/terminate.ts'
import { type Script, type ScriptedModel, startScriptedModel } from '../../src/demo/scripted-model.ts'
import { TEST_CODEX } from './test-codex.ts'

export interface CodexHome {
  readonly home: string
  readonly project: string
  readonly model: ScriptedModel
  /** Children that were recorded and not forgotten. */
  readonly ledger: ProcessLedger & { readonly records: ReadonlyMap<string, ProcessRecord> }
  readonly socketFolder: string
  /** A driver as another hub process would have one: nothing is shared but the folders and the ledger. */
  driver(config?: CodexConfig): CodexDriver
  close(): Promise<void>
}

export interface CodexHomeOptions {
  readonly script: Script
  readonly model?: string
  /** A terminal opens in it without asking anything first. */
  readonly forTerminal?: boolean
  /** More lines of `config.toml`. */
  readonly toml?: string
  /** Where it lies; otherwise in a temporary folder. */
  readonly home?: string
}

export async function makeCodexHome({
  script,
  model = 'mock-model',
  toml = '',
  forTerminal = false,
  home: given,
}: CodexHomeOptions): Promise<CodexHome> {
  const root = mkdtempSync(join(tmpdir(), 'cod-'))
  const home = given ?? join(root, 'home')
  const [project, socketFolder] = [join(root, 'project'), join(root, 'run')]
  mkdirSync(home)
  mkdirSync(project)
  mkdirSync(socketFolder, { mode: 0o700 })
  const scripted = await startScriptedModel(script)
  writeFileSync(
    join(home, 'config.toml'),
    configToml(scripted.baseUrl, model, forTerminal ? `${toml}\n${terminalToml(project)}` : toml),
  )
  const hubLockPath = join(root, 'hub.lock')
  writeFileSync(hubLockPath, JSON.stringify({ pid: process.pid, startToken: 'the test' }))
  const records = new Map<string, ProcessRecord>()
  const everyone: ProcessRecord[] = []
  const ledger = {
    records,
    async record(process: ProcessRecord) {
      records.set(process.id, process)
      everyone.push(process)
    },
    forget: (id: string) => void records.delete(id),
  }
  const drivers: CodexDriver[] = []
  return {
    home,
    project,
    model: scripted,
    ledger,
    socketFolder,
    driver(config = {}) {
      const driver = new CodexDriver({
        config: {
          codexHome: home,
          ...(TEST_CODEX === undefined ? {} : { codexPath: TEST_CODEX }),
          finishTurnMs: 500,
          ...config,
        },
        hubId: 'hub_test',
        hubVersion: '0.0.0',
        ledger,
        log: silentLog,
        clock: systemClock,
        socketFolder,
        hubLockPath,
      })
      drivers.push(driver)
      return driver
    },
    async close() {
      await Promise.all(drivers.map((driver) => driver.close()))
      await Promise.all(everyone.map((process) => terminate(process, KILL_LADDER, systemClock)))
      await scripted.close()
      rmSync(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Codex migrates models, asks whether a folder is trusted, and looks for a screen reader: each once, and before all else. */
function terminalToml(project: string): string {
  return [
    '[notice.model_migrations]',
    '[tui]',
    'screen_reader_detection_done = true',
    `[projects.${JSON.stringify(project)}]`,
    'trust_level = "trusted"',
  ].join('\n')
}

function configToml(baseUrl: string, model: string, more: string): string {
  return [
    `model = "${model}"`,
    'model_provider = "mock"',
    'check_for_update_on_startup = false',
    more,
    '[model_providers.mock]',
    'name = "mock"',
    `base_url = "${baseUrl}"`,
    'wire_api = "responses"',
    'request_max_retries = 0',
    'stream_max_retries = 0',
    '',
  ].join('\n')
}
