/** What every command needs: where the hub is, a connection to it, and how to print. */
import { readFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { type CommandParams, connectHub, type HubClient } from '../client/client.ts'
import { RefusedError } from '../client/wire-error.ts'
import type { CommandName, ResultOf } from '../protocol/methods.ts'
import { dataFolder } from '../server/config.ts'
import { CliError, EXIT } from './exit.ts'
import { VERSION } from './version.ts'

export interface GlobalOptions {
  readonly json?: boolean
  readonly url?: string
  readonly token?: string
}

/** What a running hub writes into its data folder. */
export interface Notice {
  readonly url: string
  readonly pid: number
}

const CONNECT_MS = 5_000
/** A command starts a Codex at most; past this the hub is gone, and what became of the command is not known. */
const COMMAND_MS = 120_000

export class Context {
  readonly options: GlobalOptions
  readonly folder = dataFolder()
  #hub: HubClient | null = null

  constructor(options: GlobalOptions) {
    this.options = options
  }

  get isJson(): boolean {
    return this.options.json === true
  }

  /** The running hub, connected. @throws CliError when none runs; RefusedError when it does not take the token */
  async hub(): Promise<HubClient> {
    if (this.#hub) return this.#hub
    const { url, token } = this.address()
    const hub = connectHub({
      url,
      token,
      client: { id: `cli-${userInfo().username}@${hostname()}`, name: 'codex-hub CLI', version: VERSION },
    })
    this.#hub = hub
    try {
      await hub.request('hub/ping', {}, { timeoutMs: CONNECT_MS })
    } catch (error) {
      this.close()
      if (error instanceof RefusedError) throw error
      throw new CliError(
        `The hub at ${url} does not answer. "codex-hub doctor" looks why; "codex-hub serve" starts one.`,
        EXIT.noHub,
        { url },
      )
    }
    return hub
  }

  /** Have the hub do something. @throws HubError; RequestTimeoutError when nobody knows whether it was done */
  async command<M extends CommandName>(method: M, params: CommandParams<M>): Promise<ResultOf<M>> {
    return (await this.hub()).command(method, params, { timeoutMs: COMMAND_MS })
  }

  close(): void {
    this.#hub?.close()
    this.#hub = null
  }

  /** A value as JSON, or what a person reads. */
  print(value: unknown, human: () => string): void {
    console.log(this.isJson ? JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0) : human())
  }

  /** What the hub of this data folder left there; null when none runs or ran to its end. */
  notice(): Notice | null {
    const text = this.#read('hub.json')
    if (text === null) return null
    try {
      const { url, pid } = JSON.parse(text) as Partial<Notice>
      return typeof url === 'string' && typeof pid === 'number' ? { url, pid } : null
    } catch {
      return null
    }
  }

  /** Where the hub is and what opens it. @throws CliError when neither is known */
  address(): { url: string; token: string } {
    const url = this.options.url ?? process.env.CODEX_HUB_URL ?? this.#noticed()
    const token = this.options.token ?? process.env.CODEX_HUB_TOKEN ?? this.#read('token')
    if (!URL.canParse(url)) {
      throw new CliError(`"${url}" is no address; one looks like http://127.0.0.1:4517.`, EXIT.usage)
    }
    if (!token) throw new CliError(`No token is in ${this.folder}; give one with --token.`, EXIT.noHub)
    return { url, token }
  }

  #noticed(): string {
    const notice = this.notice()
    const facts = { folder: this.folder }
    if (!notice) {
      throw new CliError(
        `No hub runs on ${this.folder}. Start one with "codex-hub serve", or name it with --url or CODEX_HUB_HOME.`,
        EXIT.noHub,
        facts,
      )
    }
    if (!isAlive(notice.pid)) {
      throw new CliError(
        `The hub on ${this.folder} (process ${notice.pid}) was killed. Start it again with "codex-hub serve": it joins its sessions.`,
        EXIT.noHub,
        facts,
      )
    }
    return notice.url
  }

  #read(file: string): string | null {
    try {
      return readFileSync(join(this.folder, file), 'utf8').trim()
    } catch {
      return null
    }
  }
}

/** Whether anything runs under a pid; one of somebody else counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
