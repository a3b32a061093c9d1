/** Whatever lies or listens where a daemon should: each a state with a sentence, and everything else goes on. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { controlSocketPath } from '../../../src/connectors/daemon/control-socket.ts'
import { type DaemonState, describeAbsence, faultOf } from '../../../src/connectors/daemon/health.ts'
import { SocketConnectError } from '../../../src/jsonrpc/unix-socket.ts'
import { Recorder } from '../../contract/connector.ts'
import { ManualClock } from '../../harness/manual-clock.ts'
import { listenOn } from '../../harness/socket-server.ts'
import { until } from '../../harness/until.ts'
import { type Watching, watching } from './watching.ts'

/** What a speaker says to each message; null says nothing. */
type Answer = (message: { id?: number; method?: string }) => unknown | null

describe('what is no daemon', () => {
  let root: string
  let path: string
  let seen: Watching
  const closers: (() => void)[] = []

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dae-'))
    path = controlSocketPath(root)
    mkdirSync(dirname(path))
    seen = watching(root, { timeoutMs: 200 })
  })
  afterEach(async () => {
    await seen.watch.close()
    for (const close of closers.splice(0)) close()
    rmSync(root, { recursive: true, force: true })
  })

  const listen = async (server: Server): Promise<void> => {
    closers.push(await listenOn(path, server))
  }
  const speak = async (answer: Answer, then?: (method: string, socket: WebSocket) => void): Promise<void> => {
    const http = createHttpServer()
    new WebSocketServer({ server: http }).on('connection', (socket) => {
      socket.on('message', (frame) => {
        const message = JSON.parse(frame.toString())
        const said = answer(message)
        if (said !== null) socket.send(typeof said === 'string' ? said : JSON.stringify(said))
        then?.(message.method, socket)
      })
    })
    await listen(http)
  }
  const methods = (...known: string[]) =>
    `Invalid request: unknown variant \`codexHub/probe\`, expected one of ${known.map((name) => `\`${name}\``).join(', ')}`
  const greet = { userAgent: 'codex_hub/9.9.9 (Linux)' }

  const expectState = async (state: DaemonState, sentence: RegExp): Promise<void> => {
    await seen.watch.start()
    expect(await seen.state(state)).toMatchObject({
      codexHome: root,
      state,
      sentence: expect.stringMatching(sentence),
      codexVersion: null,
      pid: null,
    })
    await expect(seen.watch.join('t', { sessionId: 's', sink: new Recorder() })).rejects.toMatchObject({
      name: 'ConnectorError',
      fault: 'closed',
      facts: { state },
    })
  }

  it('[DAE20] without a daemon nothing is wrong, also without the home', async () => {
    rmSync(root, { recursive: true })
    await seen.watch.start()
    expect({ state: seen.watch.health.state, threads: seen.watch.threads.size }).toEqual({
      state: 'absent',
      threads: 0,
    })
  })

  it('[DAE21] a file that is no socket, and a link that leads nowhere, are told as left behind', async () => {
    writeFileSync(path, '')
    await expectState('deserted', /nobody|left its socket/)
    rmSync(path)
    symlinkSync(join(root, 'nowhere'), path)
    seen.reports.length = 0
    await seen.watch.look()
    expect(seen.watch.health.state).toBe('deserted')
  })

  it('[DAE22] one that takes the connection and says nothing is told as hanging', async () => {
    await listen(createServer(() => {}))
    await expectState('hanging', /does not answer/)
  })

  it('[DAE22] one that shakes hands and never answers is told as hanging', async () => {
    await speak(() => null)
    await expectState('hanging', /did not answer/)
  })

  it('[DAE22] one that answers everything but which threads it has is told as hanging', async () => {
    await speak(({ id, method }) => {
      if (method === 'initialize') return { id, result: greet }
      if (method !== 'codexHub/probe') return null
      return {
        id,
        error: { code: -32_600, message: methods('thread/loaded/list', 'thread/read', 'thread/resume') },
      }
    })
    await expectState('hanging', /did not answer/)
  })

  it('[DAE27] one that drops the connection each time is tried later each time', async () => {
    let greeted = 0
    await speak(
      ({ id, method }) => {
        if (method === 'initialize') greeted += 1
        if (method === 'initialize') return { id, result: greet }
        if (method === 'thread/loaded/list') return { id, result: { data: [] } }
        if (method === 'initialized') return null
        return {
          id,
          error: { code: -32_600, message: methods('thread/loaded/list', 'thread/read', 'thread/resume') },
        }
      },
      (method, socket) => {
        if (method === 'thread/loaded/list') socket.terminate()
      },
    )
    const clock = new ManualClock()
    const dropped = watching(root, { clock })
    const { watch } = dropped
    const times: number[] = []
    const waitFor = async (tries: number): Promise<void> => {
      await until(() => greeted === tries && watch.health.state === 'lost')
      await watch.look()
      times.push(greeted)
    }
    await watch.start()
    await waitFor(1)
    clock.advance(500)
    await waitFor(2)
    clock.advance(499)
    await waitFor(2)
    clock.advance(501)
    await waitFor(3)
    clock.advance(999)
    await waitFor(3)
    expect(times).toEqual([1, 2, 2, 3, 3])
    await watch.close()
  })

  it('[DAE26] to close in the midst of a handshake that hangs waits for nothing', async () => {
    const greeted = Promise.withResolvers<void>()
    await speak(() => {
      greeted.resolve()
      return null
    })
    const patient = watching(root, { timeoutMs: 3_600_000 })
    void patient.watch.start()
    await greeted.promise
    await patient.watch.close()
    expect(patient.reports.map((entry) => 'health' in entry && entry.health.state)).toEqual(['connecting'])
  })

  it.each<[string, () => Promise<void>]>([
    ['no HTTP', () => listen(createServer((socket) => socket.end('220 smtp ready\r\n')))],
    ['no WebSocket', () => listen(createHttpServer((_request, response) => response.end('hello')))],
    ['no JSON', () => speak(() => '\u0000\u0001 garbage')],
    ['no JSON-RPC', () => speak(() => '[1, 2, 3]')],
  ])('[DAE23] one that speaks %s is told as garbled', async (_what, begin) => {
    await begin()
    await expectState('garbled', /Codex app-server/)
  })

  it('[DAE24] one that refuses the handshake, or lacks what a join needs, is told as unsupported', async () => {
    let refuses = true
    await speak(({ id, method }) => {
      if (method === 'initialize' && refuses) return { id, error: { code: -32_600, message: 'not today' } }
      if (method === 'initialize') return { id, result: greet }
      return { id, error: { code: -32_600, message: methods('thread/read', 'newConversation') } }
    })
    await expectState('unsupported', /not today/)
    refuses = false
    await seen.report(
      (entry): entry is never =>
        'health' in entry &&
        /9\.9\.9.* lacks thread\/loaded\/list, thread\/resume/.test(entry.health.sentence),
    )
  })

  it('[DAE25] an answer of an unknown shape costs nothing but itself', async () => {
    await speak(({ id, method }) => {
      if (method === 'initialize') return { id, result: 'what?' }
      if (method === 'thread/loaded/list')
        return { id, result: { data: ['a', 7, null, 'b'], nextCursor: 'again' } }
      if (method === 'thread/read') return { id, result: { thread: { id: 7 } } }
      return {
        id,
        error: {
          code: -32_600,
          message: methods('thread/loaded/list', 'thread/read', 'thread/resume', 'future/thing'),
        },
      }
    })
    await seen.watch.start()
    expect(await seen.state('connected')).toMatchObject({ state: 'connected', codexVersion: null })
    await seen.watch.look()
    expect(seen.reports.filter((entry) => !('health' in entry))).toEqual([])
  })

  it('[DAE21] what this user may not open is told as such', () => {
    expect(describeAbsence({ state: 'denied', message: 'EACCES: permission denied' })).toEqual([
      'denied',
      'The folder of the Codex daemon cannot be read: EACCES: permission denied',
    ])
    expect(faultOf(new SocketConnectError('denied', path, new Error('EACCES')))).toMatchObject({
      state: 'denied',
      message: expect.stringContaining('may not be opened by this user'),
    })
  })
})
