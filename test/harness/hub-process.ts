/** A hub in a process of its own on a temporary folder: it can be killed, and another started in its place. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectHub, type HubClient } from '../../src/client/client.ts'
import type { ConfigRequest } from '../../src/server/config.ts'
import { type CodexHome, type CodexHomeOptions, makeCodexHome } from './codex-home.ts'
import { testConfig } from './hub.ts'

const PROGRAM = fileURLToPath(new URL('../fixtures/programs/run-hub.ts', import.meta.url))

export interface HubProcess {
  readonly codex: CodexHome
  readonly folder: string
  readonly pid: number
  readonly url: string
  readonly token: string
  start(
    more?: ConfigRequest,
  ): Promise<{ failed?: { name: string; message: string; fault?: string; facts?: unknown } }>
  kill(): Promise<void>
  /** SIGTERM. @returns the exit code */
  stop(): Promise<number | null>
  client(): HubClient
  /** Pids of Codex processes of this home, told by their environment. */
  codexPids(): number[]
  close(): Promise<void>
}

export async function makeHubProcess(
  options: CodexHomeOptions,
  config: ConfigRequest = {},
  env: NodeJS.ProcessEnv = {},
): Promise<HubProcess> {
  const codex = await makeCodexHome(options)
  const folder = mkdtempSync(join(tmpdir(), 'hub-'))
  let child: ChildProcess | null = null
  let address = { url: '', token: '' }
  const clients: HubClient[] = []
  const ended = (): Promise<number | null> =>
    new Promise((resolve) => {
      if (!child || child.exitCode !== null || child.signalCode !== null) resolve(child?.exitCode ?? null)
      else child.once('exit', resolve)
    })
  const closeClients = (): void => {
    for (const client of clients.splice(0)) client.close()
  }
  return {
    codex,
    folder,
    get pid() {
      return child?.pid ?? 0
    },
    get url() {
      return address.url
    },
    get token() {
      return address.token
    },
    async start(more = {}) {
      child = spawn(
        process.execPath,
        [PROGRAM, folder, JSON.stringify(testConfig(codex, { ...config, ...more }))],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
          env: { ...process.env, ...env },
        },
      )
      let line = ''
      for await (const chunk of child.stdout as NodeJS.ReadableStream) {
        line += String(chunk)
        if (line.includes('\n')) break
      }
      const answer = JSON.parse(line)
      if (!answer.failed) address = answer
      return answer
    },
    async kill() {
      closeClients()
      child?.kill('SIGKILL')
      await ended()
    },
    async stop() {
      closeClients()
      child?.kill('SIGTERM')
      return ended()
    },
    client() {
      const client = connectHub({ ...address, client: { id: 'id-test', name: 'test' } })
      clients.push(client)
      return client
    },
    codexPids: () => pidsOf(codex.home),
    async close() {
      closeClients()
      child?.kill('SIGKILL')
      await ended()
      for (const pid of pidsOf(codex.home)) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It ended by itself meanwhile.
        }
      }
      await codex.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Linux only, like the tests that need it: who runs with this CODEX_HOME and is an app-server. */
function pidsOf(codexHome: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const environ = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
        return (
          environ.includes(`CODEX_HOME=${codexHome}`) &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('app-server')
        )
      } catch {
        return false
      }
    })
}
