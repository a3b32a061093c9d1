/** The SDK against a hub the test plays, with time in the test's hand. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BACKOFF_BASE_MS, BACKOFF_CAP_MS, Backoff } from '../../src/client/backoff.ts'
import { connectHub } from '../../src/client/client.ts'
import { STABLE_MS } from '../../src/client/connection.ts'
import { CHECK_MS, LATE_MS } from '../../src/client/liveness.ts'
import { ERRORS } from '../../src/protocol/errors.ts'
import { EMPTY_LIST } from '../../src/protocol/list-delta.ts'
import { FakeWebSocket } from '../harness/fake-web-socket.ts'
import { ManualClock } from '../harness/manual-clock.ts'

const HEARTBEAT_MS = 10_000
const WELCOME = {
  protocolVersion: 1,
  hub: { id: 'hub-1', version: '0.0.0', startedAt: 0 },
  scopes: ['view'],
  heartbeatMs: HEARTBEAT_MS,
}
/** Promises of the SDK settle in turns of their own. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

function play(random = () => 0.5) {
  const clock = new ManualClock()
  const sockets: FakeWebSocket[] = []
  let wake = () => {}
  const client = connectHub({
    url: 'http://hub.test:1',
    token: 'token',
    client: { id: 'test', name: 'test' },
    clock,
    random,
    hints: (run) => {
      wake = run
      return () => {}
    },
    webSocket: class extends FakeWebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols)
        sockets.push(this)
      }
    },
  })
  const socket = (): FakeWebSocket => {
    const newest = sockets.at(-1)
    if (!newest) throw new Error('no socket was opened')
    return newest
  }
  const greet = async (): Promise<FakeWebSocket> => {
    socket().open()
    socket().answer('hub/hello', WELCOME)
    await settled()
    return socket()
  }
  /** Let time pass until it tries again. */
  const retry = (): void => {
    const before = sockets.length
    while (sockets.length === before) clock.advance(50)
  }
  return { clock, client, sockets, socket, greet, retry, wake: () => wake() }
}

const cursor = (revision: number, epoch = 'a') => ({ epoch, revision })
/** Answer a subscription of the list with a snapshot. */
async function snapshot(socket: FakeWebSocket, at = cursor(1)): Promise<void> {
  socket.answer('sessions/subscribe', { mode: 'snapshot', cursor: at, reason: 'noCursor' })
  const deltas = [{ op: 'reset', total: 1 }]
  socket.say({ method: 'sessions/snapshot', params: { cursor: at, part: 0, last: true, deltas } })
  socket.say({ method: 'sessions/synchronized', params: { cursor: at } })
  await settled()
}
const delta = (revision: number, total: number, epoch = 'a') => ({
  method: 'sessions/delta',
  params: { cursor: cursor(revision, epoch), deltas: [{ op: 'total', total }] },
})

it('[SDK5] a wait lies anywhere under a ceiling that doubles to its cap, without an end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 60 }),
      (draws) => {
        let at = 0
        const backoff = new Backoff(() => draws[at++] ?? 0)
        for (const [tries, draw] of draws.entries()) {
          const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** tries)
          expect(backoff.next()).toBe(Math.floor(draw * ceiling))
        }
      },
    ),
  )
})

it('[SDK5] a hub that stays away is tried for ever, and a stable connection begins anew', async () => {
  const { clock, client, sockets, socket, greet, retry } = play(() => 0.999)
  for (let tries = 1; tries <= 40; tries += 1) {
    socket().end()
    expect(client.connection.getSnapshot().status).toBe('offline')
    retry()
    expect(sockets).toHaveLength(tries + 1)
  }
  await greet()
  clock.advance(STABLE_MS)
  socket().end()
  const state = client.connection.getSnapshot()
  expect(state.status === 'offline' && state.retryAt - clock.now()).toBeLessThan(BACKOFF_BASE_MS)
  client.close()
})

it('[SDK6] silence is asked about, and two unanswered questions end the connection', async () => {
  const { clock, client, socket, greet } = play()
  await greet()
  clock.advance(HEARTBEAT_MS)
  expect(socket().count('hub/ping')).toBe(1)
  socket().answer('hub/ping', { now: 0 })
  await settled()
  clock.advance(HEARTBEAT_MS)
  clock.advance(HEARTBEAT_MS)
  expect([socket().count('hub/ping'), client.connection.getSnapshot().status]).toEqual([3, 'live'])
  clock.advance(HEARTBEAT_MS)
  expect(client.connection.getSnapshot().status).toBe('offline')
  expect(socket().isClosed).toBe(true)
  client.close()
})

it('[SDK7] a page that comes back looks at once: a dead connection is replaced, and a wait is cut short', async () => {
  const { clock, client, sockets, socket, greet, wake } = play(() => 0.999)
  await greet()
  wake()
  expect(socket().count('hub/ping')).toBe(1)
  clock.advance(CHECK_MS)
  expect(client.connection.getSnapshot().status).toBe('offline')
  const before = sockets.length
  wake()
  expect([sockets.length, client.connection.getSnapshot().status]).toEqual([before + 1, 'connecting'])
  client.close()
})

it('[SDK7] a timer that fires late proves nothing: the machine slept', async () => {
  const { clock, client, socket, greet } = play()
  await greet()
  const late = clock.now() + HEARTBEAT_MS * 10
  // The timers fire where they stood, the clock shows that hours went by.
  const now = clock.now.bind(clock)
  clock.now = () => late + LATE_MS
  clock.advance(HEARTBEAT_MS)
  expect([client.connection.getSnapshot().status, socket().isClosed]).toEqual(['live', false])
  clock.now = now
  client.close()
})

it('[SDK8] a hole in the revisions is closed by subscribing again from the last one, and a frame that came twice is dropped', async () => {
  const { client, greet } = play()
  const list = client.sessions()
  const socket = await greet()
  await snapshot(socket)
  socket.say(delta(2, 5))
  socket.say(delta(2, 99))
  expect(list.getSnapshot().state?.total).toBe(5)
  socket.say(delta(4, 7))
  expect(socket.count('sessions/subscribe')).toBe(2)
  expect(socket.asked('sessions/subscribe').params).toEqual({ cursor: cursor(2) })
  expect(client.connection.getSnapshot().status).toBe('catchingUp')
  socket.answer('sessions/subscribe', { mode: 'deltas', cursor: cursor(4), reason: null })
  socket.say(delta(3, 6))
  socket.say(delta(4, 7))
  socket.say({ method: 'sessions/synchronized', params: { cursor: cursor(4) } })
  await settled()
  expect([list.getSnapshot().state?.total, client.connection.getSnapshot().status]).toEqual([7, 'live'])
  client.close()
})

it('[SDK12] a stream that was never told to be in step asks again when the page comes back', async () => {
  const { client, greet, wake } = play()
  client.sessions()
  const socket = await greet()
  const at = cursor(1)
  socket.answer('sessions/subscribe', { mode: 'snapshot', cursor: at, reason: 'noCursor' })
  const params = { cursor: at, part: 0, last: true, deltas: [{ op: 'reset', total: 1 }] }
  socket.say({ method: 'sessions/snapshot', params })
  await settled()
  expect(client.connection.getSnapshot().status).toBe('catchingUp')
  wake()
  socket.answer('hub/ping', { now: 0 })
  await settled()
  expect(socket.asked('sessions/subscribe').params).toEqual({ cursor: at })
  socket.answer('sessions/subscribe', { mode: 'deltas', cursor: at, reason: null })
  socket.say({ method: 'sessions/synchronized', params: { cursor: at } })
  expect(client.connection.getSnapshot().status).toBe('live')
  client.close()
})

it('[SDK8] another epoch is begun with a snapshot only', async () => {
  const { client, greet } = play()
  const list = client.sessions()
  const socket = await greet()
  await snapshot(socket)
  socket.say(delta(2, 50, 'b'))
  expect(list.getSnapshot().state?.total).toBe(1)
  expect(socket.count('sessions/subscribe')).toBe(2)
  client.close()
})

it('[SDK9] what an old socket says late touches nothing, and neither does its end', async () => {
  const { clock, client, sockets, greet, retry } = play()
  const list = client.sessions()
  const old = await greet()
  await snapshot(old)
  clock.advance(HEARTBEAT_MS * 3)
  retry()
  expect(sockets).toHaveLength(2)
  const next = await greet()
  expect(next.asked('sessions/subscribe').params).toEqual({ cursor: cursor(1) })
  next.answer('sessions/subscribe', { mode: 'deltas', cursor: cursor(1), reason: null })
  next.say({ method: 'sessions/synchronized', params: { cursor: cursor(1) } })
  await settled()
  old.say(delta(2, 99), { late: true })
  old.end(1006, { late: true })
  expect([client.connection.getSnapshot().status, list.getSnapshot().state?.total]).toEqual(['live', 1])
  client.close()
})

it('[SDK10] a question is asked again over the next connection; a command goes out again under the same id', async () => {
  const { client, greet, socket, retry } = play()
  await greet()
  const asked = client.request('hub/status', {}, { timeoutMs: 1_000_000 })
  const done = client.command('session/markRead', { sessionId: 's1' })
  const first = socket().asked('session/markRead').params
  socket().end()
  retry()
  await greet()
  expect(socket().asked('session/markRead').params).toEqual(first)
  socket().answer('session/markRead', {})
  socket().answer('hub/status', { version: '1' })
  expect([await done, await asked]).toEqual([{}, { version: '1' }])
  client.close()
})

it('[SDK10] what nobody knows the outcome of is told, and never tried again by itself', async () => {
  const { client, greet, socket } = play()
  await greet()
  const done = client.command('session/markRead', { sessionId: 's1' })
  const data = { name: 'indeterminate', retry: 'person', facts: {} }
  socket().fail('session/markRead', { code: ERRORS.indeterminate.code, message: 'nobody knows', data })
  await expect(done).rejects.toMatchObject({ data: { name: 'indeterminate', retry: 'person' } })
  expect(socket().count('session/markRead')).toBe(1)
  client.close()
})

it('[SDK4] a snapshot is the same object until something changes', async () => {
  const { client, greet } = play()
  const list = client.sessions()
  expect(list.getSnapshot()).toBe(list.getSnapshot())
  const socket = await greet()
  await snapshot(socket)
  const before = list.getSnapshot()
  socket.say({ method: 'session/delta', params: { sessionId: 'other', cursor: cursor(9), deltas: [] } })
  expect(list.getSnapshot()).toBe(before)
  expect(before.state?.sessions).toEqual(EMPTY_LIST.sessions)
  client.close()
})
