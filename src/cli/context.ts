/** What every command needs: where the hub is, a connection to it, the session that was named, and how to print. */
import { readFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { connectHub, type HubClient } from '../client/client.ts'
import type { Summary } from '../protocol/summary.ts'
import { dataFolder } from '../server/config.ts'
import { CliError, EXIT } from './exit.ts'
import { safe } from './text.ts'
import { VERSION } from './version.ts'

export interface GlobalOptions {
  readonly json?: boolean
  readonly url?: string
  readonly token?: string
}

const CONNECT_MS = 5_000

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

  /** The running hub, connected. @throws CliError when none runs */
  async hub(): Promise<HubClient> {
    if (this.#hub) return this.#hub
    const { url, token } = this.#address()
    const hub = connectHub({
      url,
      token,
      client: { id: `cli-${userInfo().username}@${hostname()}`, name: 'codex-hub CLI', version: VERSION },
    })
    this.#hub = hub
    try {
      await hub.request('hub/ping', {}, { timeoutMs: CONNECT_MS })
    } catch (error) {
      hub.close()
      const why = error instanceof Error ? error.message : String(error)
      throw new CliError(
        `The hub at ${url} does not answer (${why}). Start one with "codex-hub serve".`,
        EXIT.noHub,
      )
    }
    return hub
  }

  close(): void {
    this.#hub?.close()
    this.#hub = null
  }

  /** A value as JSON, or what a person reads. */
  print(value: unknown, human: () => string): void {
    console.log(this.isJson ? JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0) : human())
  }

  /** The session with this id, unique beginning of an id, thread id or title. @throws CliError */
  async session(name: string): Promise<Summary> {
    const hub = await this.hub()
    const all: Summary[] = []
    let pageToken: string | undefined
    do {
      const page = await hub.request('session/list', { limit: 500, ...(pageToken ? { pageToken } : {}) })
      all.push(...page.sessions)
      pageToken = page.nextPageToken ?? undefined
    } while (pageToken)
    const exact = all.filter(({ id, threadId, title }) => id === name || threadId === name || title === name)
    const bare = name.replace(/^ses_/, '')
    const matches =
      exact.length > 0 ? exact : all.filter(({ id }) => id.startsWith(name) || id.endsWith(bare))
    const [first] = matches
    if (!first)
      throw new CliError(`No session is called "${name}"; "codex-hub sessions" lists them.`, EXIT.failed)
    if (matches.length > 1) {
      const list = matches.map(({ id, title }) => `  ${id}  ${safe(title)}`).join('\n')
      throw new CliError(`"${name}" could be several sessions:\n${list}`, EXIT.usage)
    }
    return first
  }

  #address(): { url: string; token: string } {
    const url = this.options.url ?? process.env.CODEX_HUB_URL ?? this.#noticed()
    const token = this.options.token ?? process.env.CODEX_HUB_TOKEN ?? this.#read('token')
    if (!url) {
      throw new CliError(
        `No hub runs on ${this.folder}. Start one with "codex-hub serve", or name it with --url or CODEX_HUB_HOME.`,
        EXIT.noHub,
      )
    }
    if (!token) throw new CliError(`No token is in ${this.folder}; give one with --token.`, EXIT.noHub)
    return { url, token }
  }

  #noticed(): string | null {
    const notice = this.#read('hub.json')
    return notice ? (JSON.parse(notice) as { url: string }).url : null
  }

  #read(file: string): string | null {
    try {
      return readFileSync(join(this.folder, file), 'utf8').trim()
    } catch {
      return null
    }
  }
}
