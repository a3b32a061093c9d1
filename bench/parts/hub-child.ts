/**
 * The hub as its users run it: `codex-hub serve` in a process of its own, on a folder of its own, so that what it costs
 * is told apart from what its clients cost.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectHub, type HubClient } from '../../src/client/client.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { ConfigRequest } from '../../src/server/config.ts'
import { type CodexHome, makeCodexHome } from '../../test/harness/codex-home.ts'
import { testConfig } from '../../test/harness/hub.ts'
import { isIdle, stateWhere } from '../../test/harness/watch.ts'
import type { BenchOptions } from '../bench.ts'
import { firstLine } from './first-line.ts'
import { hubFlags } from './hub-flags.ts'
import { instant } from './instant.ts'
import { killAtExit } from './kill-at-exit.ts'

const ROOT = join(import.meta.dirname, '../..')
const PROGRAMS = { compiled: 'dist/hub/main.js', source: 'src/cli/main.ts' }

export interface HubChildOptions {
  readonly build: BenchOptions['build']
  readonly codex: CodexHome
  readonly config?: ConfigRequest
}

export class HubChild {
  readonly folder = mkdtempSync(join(tmpdir(), 'hub-'))
  readonly codex: CodexHome
  readonly #options: HubChildOptions
  #child: ChildProcess | null = null
  #address = { url: '', token: '' }
  readonly #clients: HubClient[] = []

  constructor(options: HubChildOptions) {
    this.#options = options
    this.codex = options.codex
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get address(): { readonly url: string; readonly token: string } {
    return this.#address
  }

  /** Start it, for the first time or again on the same folder. @returns milliseconds until it listens */
  async start(more: ConfigRequest = {}): Promise<number> {
    const { build, config } = this.#options
    // A bench that dies leaves no session behind for long.
    const whole = testConfig(this.codex, { graceMs: 20_000, logLevel: 'info', ...config, ...more })
    writeFileSync(join(this.folder, 'config.json'), JSON.stringify(whole))
    const began = instant()
    const program = join(ROOT, PROGRAMS[build])
    const child = spawn(
      process.execPath,
      [...hubFlags(program), program, '--json', 'serve', '--show-token'],
      {
        cwd: ROOT,
        env: { ...process.env, CODEX_HUB_HOME: this.folder },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    this.#child = child
    killAtExit(child)
    this.#address = JSON.parse(await firstLine(child)) as { url: string; token: string }
    return instant() - began
  }

  /** Start it on an empty folder. @returns milliseconds until it listens */
  async startAnew(): Promise<number> {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
    mkdirSync(this.folder, { mode: 0o700 })
    return this.start()
  }

  client(name = 'bench'): HubClient {
    const client = connectHub({ ...this.#address, client: { id: `id-${name}`, name } })
    this.#clients.push(client)
    return client
  }

  /** Resolves once the session's turns have ended. */
  async untilIdle(sessionId: string): Promise<void> {
    const client = connectHub({ ...this.#address, client: { id: 'waits', name: 'waits' } })
    await stateWhere(client.session(sessionId), isIdle, 120_000)
    client.close()
  }

  /** End it as a crash would; its sessions go on. */
  async kill(): Promise<void> {
    await this.#end(() => this.#child?.kill('SIGKILL'))
  }

  /** End it as a person would; with `andSessions` they end, too. */
  async stop({ andSessions = true } = {}): Promise<void> {
    if (andSessions && this.#isRunning) await this.client().request('hub/shutdown', { stopSessions: true })
    await this.#end(() => (andSessions ? undefined : this.#child?.kill('SIGTERM')))
  }

  async close(): Promise<void> {
    await this.stop().catch(() => this.kill())
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  get #isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  async #end(begin: () => unknown): Promise<void> {
    const ended = this.#isRunning && this.#child ? once(this.#child, 'exit') : null
    begin()
    await ended
    for (const client of this.#clients.splice(0)) client.close()
  }
}

export interface HubSetting {
  readonly script: Script
  readonly config?: ConfigRequest
  /** What has to be there when the hub starts. */
  readonly before?: (codex: CodexHome) => Promise<unknown>
}

/** A hub on a Codex home of its own, whose model plays `script`; all of it is gone after `run`. */
export async function withHub<T>(
  { build }: Pick<BenchOptions, 'build'>,
  { script, config = {}, before }: HubSetting,
  run: (hub: HubChild) => Promise<T>,
): Promise<T> {
  const codex = await makeCodexHome({ script })
  const hub = new HubChild({ build, codex, config })
  try {
    await before?.(codex)
    await hub.start()
    return await run(hub)
  } finally {
    await hub.close()
    await codex.close()
  }
}
