/**
 * Plays a Codex daemon with many loaded threads that all stream at once, by frames of the shape that Codex 0.169 sends.
 * It costs nothing like as many Codex processes, so that what is measured is who listens. `DaemonOrder` in,
 * `DaemonReport` out.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import { controlFolder, controlSocketPath } from '../../src/connectors/daemon/control-socket.ts'
import { instant } from '../parts/instant.ts'

export type DaemonOrder =
  | { readonly kind: 'listen'; readonly codexHome: string; readonly threads: number }
  /** One turn in every thread: so many tokens each, every thread one more each `everyMs`. */
  | { readonly kind: 'stream'; readonly tokens: number; readonly everyMs: number }
  | { readonly kind: 'count' }

export type DaemonReport =
  | { readonly kind: 'listening' }
  | { readonly kind: 'streamed'; readonly frames: number; readonly ms: number; readonly bytes: number }
  /** Threads that were resumed, and so are followed. */
  | { readonly kind: 'joined'; readonly threads: number }

interface Request {
  readonly id?: number
  readonly method: string
  readonly params?: { readonly threadId?: string }
}

const METHODS = [
  'initialize',
  'thread/loaded/list',
  'thread/read',
  'thread/resume',
  'thread/turns/list',
  'thread/unsubscribe',
  'turn/start',
  'turn/interrupt',
]
const TOKEN = 'word '
const RECORDING = join(import.meta.dirname, '../../test/fixtures/rollouts/0.169.0')

const sockets = new Set<WebSocket>()
const joined = new Set<string>()
let threads: Record<string, unknown>[] = []
let turns = 0

const threadIdOf = (index: number): string =>
  `01a1fc0e-feda-7080-8376-${index.toString(16).padStart(12, '0')}`

/** Without one a thread is nobody's session. */
function writeRollout(codexHome: string, threadId: string): string {
  const recorded = readFileSync(join(RECORDING, readdirSync(RECORDING)[0] as string), 'utf8')
  const id = /"id":"([0-9a-f-]{36})"/.exec(recorded)?.[1] ?? ''
  const folder = join(codexHome, 'sessions/2026/01/01')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `rollout-2026-01-01T00-00-00-${threadId}.jsonl`)
  writeFileSync(path, recorded.replaceAll(id, threadId))
  return path
}

function listen(codexHome: string, count: number): Promise<void> {
  threads = Array.from({ length: count }, (_, index) => ({
    id: threadIdOf(index),
    preview: `Replayed ${index}`,
    ephemeral: false,
    parentThreadId: null,
    path: writeRollout(codexHome, threadIdOf(index)),
    cwd: codexHome,
    createdAt: Math.floor(Date.now() / 1_000),
    status: { type: 'idle' },
    source: 'vscode',
    turns: [],
  }))
  mkdirSync(controlFolder(codexHome), { recursive: true })
  const server = createServer()
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('message', (payload: Buffer) => answer(socket, JSON.parse(payload.toString('utf8'))))
  })
  return new Promise((resolve) => server.listen(controlSocketPath(codexHome), resolve))
}

function answer(socket: WebSocket, { id, method, params }: Request): void {
  if (id === undefined) return
  if (!METHODS.includes(method)) {
    const names = METHODS.map((name) => `\`${name}\``).join(', ')
    const message = `Invalid request: unknown variant \`${method}\`, expected one of ${names}`
    socket.send(JSON.stringify({ id, error: { code: -32600, message } }))
    return
  }
  const thread = threads.find((each) => each.id === params?.threadId)
  if (method === 'thread/resume' && params?.threadId) joined.add(params.threadId)
  const results: Record<string, unknown> = {
    initialize: { userAgent: 'codex_cli_rs/0.169.0 (replayed)' },
    'thread/loaded/list': { data: threads.map((each) => each.id), nextCursor: null },
    'thread/read': { thread },
    'thread/resume': { thread, model: 'mock-model', modelProvider: 'mock', cwd: thread?.cwd },
    'thread/turns/list': { data: [], nextCursor: null },
  }
  socket.send(JSON.stringify({ id, result: results[method] ?? {} }))
}

/** What Codex says of one turn of text, with how often each part is said. */
function framesOf(threadId: unknown, turnId: string, tokens: number) {
  const itemId = `msg_${turnId}`
  const frame = (method: string, params: object) =>
    JSON.stringify({ method, params: { threadId, ...params }, emittedAtMs: Date.now() })
  const turn = { id: turnId, items: [], status: 'inProgress', error: null, startedAt: 1_795_230_203 }
  const item = { type: 'agentMessage', id: itemId, text: '', phase: null, memoryCitation: null }
  return {
    begin: [
      frame('thread/status/changed', { status: { type: 'active', activeFlags: [] } }),
      frame('turn/started', { turn }),
      frame('item/started', { item, turnId, startedAtMs: Date.now() }),
    ],
    token: frame('item/agentMessage/delta', { turnId, itemId, delta: TOKEN }),
    end: [
      frame('item/completed', {
        item: { ...item, text: TOKEN.repeat(tokens) },
        turnId,
        completedAtMs: Date.now(),
      }),
      frame('thread/status/changed', { status: { type: 'idle' } }),
      frame('turn/completed', { turn: { ...turn, status: 'completed', completedAt: 1_795_230_213 } }),
    ],
  }
}

async function stream(tokens: number, everyMs: number): Promise<DaemonReport> {
  turns += 1
  const plays = threads.map(({ id }, index) => framesOf(id, `turn-${turns}-${index}`, tokens))
  let frames = 0
  let bytes = 0
  const send = (text: string): void => {
    for (const socket of sockets) socket.send(text)
    frames += 1
    bytes += text.length
  }
  const began = instant()
  for (const { begin } of plays) for (const text of begin) send(text)
  for (let token = 0; token < tokens; token += 1) {
    // Spread over the time until the next token, as threads that know nothing of each other are.
    for (let slice = 0; slice < 10; slice += 1) {
      for (let index = slice; index < plays.length; index += 10) send(plays[index]?.token as string)
      const dueMs = began + (token + (slice + 1) / 10) * everyMs - instant()
      if (dueMs > 0) await delay(dueMs)
    }
  }
  for (const { end } of plays) for (const text of end) send(text)
  return { kind: 'streamed', frames, bytes, ms: instant() - began }
}

process.on('message', async (order: DaemonOrder) => {
  const report = (what: DaemonReport) => process.send?.(what)
  if (order.kind === 'listen') {
    await listen(order.codexHome, order.threads)
    report({ kind: 'listening' })
  } else if (order.kind === 'stream') report(await stream(order.tokens, order.everyMs))
  else report({ kind: 'joined', threads: joined.size })
})
process.on('disconnect', () => process.exit())
