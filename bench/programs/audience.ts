/**
 * Any number of clients of one server in a process of their own, so that what they cost is not counted as the
 * server's. They do what every client must, for both servers alike: parse each message and put the text together.
 * Told what to do by its parent: `AudienceOrder` in, `AudienceReport` out.
 */
import { WebSocket } from 'ws'
import { instant } from '../parts/instant.ts'
import { END_MARK, latenciesOf } from '../parts/stamped-text.ts'

/** Where the clients connect, and what they follow there. */
export type Seat =
  | { readonly server: 'hub'; readonly url: string; readonly token: string; readonly sessionId: string }
  | { readonly server: 'codex'; readonly url: string; readonly threadId: string }

export type AudienceOrder =
  | { readonly kind: 'join'; readonly seat: Seat; readonly count: number }
  /** From now on each client waits for one more answer, which is `text` where that is known. */
  | { readonly kind: 'expect'; readonly text: string | null }

export type AudienceReport =
  | { readonly kind: 'joined' }
  | {
      readonly kind: 'heard'
      /** When the last client held the whole answer. */
      readonly at: number
      /** From the model's hand to a client's, of every stamped token and client. Milliseconds. */
      readonly latenciesMs: readonly number[]
      /** Messages received by all of them. */
      readonly messages: number
      /** Clients whose text was not the expected one. */
      readonly wrong: number
    }

interface Message {
  readonly id?: number
  readonly error?: { readonly message: string }
  readonly method?: string
  readonly params?: {
    readonly deltas?: readonly HubDelta[]
    readonly delta?: string
    readonly itemId?: string
  }
}
interface HubDelta {
  readonly op: string
  readonly itemId?: string
  readonly field?: string
  readonly text?: string
  readonly item?: { readonly id: string; readonly type: string; readonly body: { readonly text?: unknown } }
  readonly body?: { readonly text?: unknown }
}

class Listener {
  readonly #socket: WebSocket
  readonly #answers = new Map<number, (message: Message) => void>()
  readonly #report: () => void
  #pieces: string[] = []
  #itemId: string | null = null
  #isWaiting = false
  #nextId = 0
  latenciesMs: number[] = []
  messages = 0

  constructor(socket: WebSocket, report: () => void) {
    this.#socket = socket
    this.#report = report
    socket.on('message', (payload: Buffer) => this.#receive(payload))
    socket.on('close', (code) => {
      throw new Error(`A server closed a client with ${code}.`)
    })
  }

  get text(): string {
    return this.#pieces.join('')
  }

  expect(): void {
    this.#pieces = []
    this.#itemId = null
    this.#isWaiting = true
    this.latenciesMs = []
    this.messages = 0
  }

  async call(method: string, params: unknown): Promise<void> {
    this.#nextId += 1
    const id = this.#nextId
    const answer = new Promise<Message>((resolve) => this.#answers.set(id, resolve))
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    const { error } = await answer
    if (error) throw new Error(`${method}: ${error.message}`)
  }

  notify(method: string): void {
    this.#socket.send(JSON.stringify({ method }))
  }

  #receive(payload: Buffer): void {
    const { id, method, error, params } = JSON.parse(payload.toString('utf8')) as Message
    this.messages += 1
    if (method === undefined) {
      if (id !== undefined) this.#answers.get(id)?.(error ? { id, error } : { id })
    } else if (method === 'item/agentMessage/delta') this.#append(params?.itemId, params?.delta ?? '')
    else if (method === 'session/delta') for (const delta of params?.deltas ?? []) this.#apply(delta)
  }

  #apply({ op, itemId, field, text, item, body }: HubDelta): void {
    if (op === 'append' && field === 'text') this.#append(itemId, text ?? '')
    // An answer of one piece may come whole.
    else if (op === 'item' && item?.type === 'agentMessage' && item.body.text)
      this.#replace(item.id, item.body.text)
    else if (op === 'itemPatch' && itemId === this.#itemId && body?.text) this.#replace(itemId, body.text)
  }

  #append(itemId: string | undefined, text: string): void {
    this.#itemId ??= itemId ?? null
    if (!this.#isWaiting || itemId !== this.#itemId) return
    this.#pieces.push(text)
    latenciesOf(text, instant(), this.latenciesMs)
    if (text.endsWith(END_MARK)) this.#done()
  }

  #replace(itemId: string | undefined, text: unknown): void {
    if (!this.#isWaiting || itemId === undefined) return
    this.#itemId ??= itemId
    this.#pieces = [String(text)]
    if (String(text).endsWith(END_MARK)) this.#done()
  }

  #done(): void {
    this.#isWaiting = false
    this.#report()
  }
}

const listeners: Listener[] = []
let expected: string | null = null
let missing = 0

function heard(): void {
  missing -= 1
  if (missing > 0) return
  report({
    kind: 'heard',
    at: instant(),
    latenciesMs: listeners.flatMap(({ latenciesMs }) => latenciesMs),
    messages: listeners.reduce((sum, { messages }) => sum + messages, 0),
    wrong: expected === null ? 0 : listeners.filter(({ text }) => text !== expected).length,
  })
}

function report(what: AudienceReport): void {
  process.send?.(what)
}

async function join(seat: Seat): Promise<void> {
  const address = seat.server === 'hub' ? `${seat.url.replace('http', 'ws')}/ws` : seat.url
  const headers = seat.server === 'hub' ? { authorization: `Bearer ${seat.token}` } : {}
  const socket = new WebSocket(address, { headers, perMessageDeflate: false, maxPayload: 256 * 1024 * 1024 })
  const listener = new Listener(socket, heard)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  if (seat.server === 'hub') {
    await listener.call('hub/hello', { protocolVersion: 1, client: { id: 'audience', name: 'audience' } })
    await listener.call('session/subscribe', { sessionId: seat.sessionId })
  } else {
    const clientInfo = { name: 'audience', title: 'audience', version: '1' }
    await listener.call('initialize', { clientInfo, capabilities: { experimentalApi: true } })
    listener.notify('initialized')
    await listener.call('thread/resume', { threadId: seat.threadId, excludeTurns: true })
  }
  listeners.push(listener)
}

process.on('message', async (order: AudienceOrder) => {
  if (order.kind === 'join') {
    // A few at a time: a hundred handshakes at once are not what is measured.
    for (let left = order.count; left > 0; left -= 10)
      await Promise.all(Array.from({ length: Math.min(10, left) }, () => join(order.seat)))
    report({ kind: 'joined' })
  } else {
    expected = order.text
    missing = listeners.length
    for (const listener of listeners) listener.expect()
  }
})
process.on('disconnect', () => process.exit())
