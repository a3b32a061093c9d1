/**
 * Sessions as MCP resources: the list and one transcript each, and the news of them. The news are driven by the hub's
 * streams, which catch up by themselves after any break; at most one word a second of each resource.
 */
import type { Resource } from '@modelcontextprotocol/sdk/types.js'
import type { HubClient } from '../client/client.ts'
import type { SessionHandle } from '../client/subscriptions.ts'
import { briefOf, briefText, byAttention } from './brief.ts'
import { BadArgumentsError } from './failure.ts'
import { everySession } from './session-pages.ts'
import type { ToolCall } from './tool.ts'
import { transcriptOf } from './transcript.ts'
import { clip } from './untrusted.ts'

export const LIST_URI = 'codex-hub://sessions'
const SESSION_URI = /^codex-hub:\/\/sessions\/([\w.-]{1,100})$/
const MARKDOWN = 'text/markdown'
/** More than this is for `search_sessions`. */
const MOST_LISTED = 200
const QUIET_MS = 1_000

export const TEMPLATES = [
  {
    uriTemplate: `${LIST_URI}/{id}`,
    name: 'session',
    title: 'A session',
    description: 'The transcript of a session, its newest part where it is long.',
    mimeType: MARKDOWN,
  },
]

type Asking = Pick<ToolCall, 'request' | 'signal'>

export async function listResources(call: Asking): Promise<Resource[]> {
  const sessions = (await everySession(call, { archived: false })).toSorted(byAttention)
  const list = { uri: LIST_URI, name: 'sessions', title: 'All sessions', mimeType: MARKDOWN }
  return [
    list,
    ...sessions.slice(0, MOST_LISTED).map(({ id, title, phase, door, cwd }) => ({
      uri: `${LIST_URI}/${id}`,
      name: id,
      description: `untrusted title: ${JSON.stringify(clip(title, 120))}; ${phase} (${door}); ${cwd}`,
      mimeType: MARKDOWN,
    })),
  ]
}

/** @throws BadArgumentsError for a resource that cannot be; HubError for a session that is not there */
export async function readResource(call: Asking, uri: string): Promise<string> {
  if (uri === LIST_URI) {
    const sessions = (await everySession(call, { archived: false })).toSorted(byAttention)
    return sessions
      .slice(0, MOST_LISTED)
      .map((summary) => briefText(briefOf(summary)))
      .join('\n\n')
  }
  return transcriptOf(call, sessionOf(uri))
}

/** @throws BadArgumentsError */
function sessionOf(uri: string): string {
  const [, id] = SESSION_URI.exec(uri) ?? []
  if (id !== undefined) return id
  throw new BadArgumentsError(`No resource ${clip(uri, 200)}: there are ${LIST_URI} and ${LIST_URI}/{id}.`)
}

export interface News {
  updated(uri: string): void
  listChanged(): void
}

/** Who follows what, for one agent. */
export class ResourceNews {
  readonly #news: News
  readonly #follows = new Map<string, () => void>()
  #stopList: (() => void) | null = null
  #hub: HubClient | null = null

  constructor(news: News) {
    this.#news = news
  }

  /** Look at this hub from now on: what is followed, and which sessions come and go. */
  use(hub: HubClient): void {
    if (this.#hub === hub) return
    const uris = [...this.#follows.keys()]
    this.close()
    this.#hub = hub
    this.#followList(hub)
    for (const uri of uris) this.follow(hub, uri)
  }

  #followList(hub: HubClient): void {
    const handle = hub.sessions()
    let known = ''
    const stop = handle.subscribe(() => {
      const { state, status } = handle.getSnapshot()
      if (!state || status !== 'live') return
      const ids = [...state.sessions.keys()].sort().join()
      if (known !== '' && ids !== known) this.#news.listChanged()
      known = ids
    })
    this.#stopList = () => {
      stop()
      handle.release()
    }
  }

  /** Tell when a resource changes. @throws BadArgumentsError for one that cannot be */
  follow(hub: HubClient, uri: string): void {
    if (this.#follows.has(uri)) return
    const tell = quietly(() => this.#news.updated(uri))
    const handle = uri === LIST_URI ? hub.sessions() : hub.session(sessionOf(uri))
    let isFirst = true
    const stop = handle.subscribe(() => {
      const { status } = (handle as Pick<SessionHandle, 'getSnapshot'>).getSnapshot()
      if (status === 'loading') return
      // What was there when it was asked is no news.
      if (isFirst && status === 'live') isFirst = false
      else if (!isFirst) tell.run()
    })
    this.#follows.set(uri, () => {
      tell.stop()
      stop()
      handle.release()
    })
  }

  unfollow(uri: string): void {
    this.#follows.get(uri)?.()
    this.#follows.delete(uri)
  }

  close(): void {
    this.#stopList?.()
    this.#stopList = null
    for (const uri of [...this.#follows.keys()]) this.unfollow(uri)
  }
}

/** The first word at once, the next after a while, however many there were between. */
function quietly(tell: () => void): { run(): void; stop(): void } {
  let timer: NodeJS.Timeout | null = null
  let isMore = false
  const run = (): void => {
    if (timer) {
      isMore = true
      return
    }
    tell()
    timer = setTimeout(() => {
      timer = null
      if (!isMore) return
      isMore = false
      run()
    }, QUIET_MS)
    timer.unref()
  }
  return { run, stop: () => void (timer && clearTimeout(timer)) }
}
