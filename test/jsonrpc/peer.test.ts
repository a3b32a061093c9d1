import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CloseCause } from '../../src/jsonrpc/channel.ts'
import type { RequestId, RpcNotification, RpcRequest } from '../../src/jsonrpc/message.ts'
import { Peer, type PeerOptions } from '../../src/jsonrpc/peer.ts'
import { memoryPair } from '../harness/memory-channel.ts'

interface Heard {
  readonly requests: RpcRequest[]
  readonly notifications: RpcNotification[]
  readonly invalid: { why: string; id: RequestId | null; isJson: boolean }[]
  readonly closes: CloseCause[]
}

function open(options: Partial<PeerOptions> = {}) {
  const pair = memoryPair()
  const heard: Heard = { requests: [], notifications: [], invalid: [], closes: [] }
  const peer = new Peer(pair.near, {
    onRequest: (request) => heard.requests.push(request),
    onNotification: (notification) => heard.notifications.push(notification),
    onInvalid: (_text, why, id, isJson) => heard.invalid.push({ why, id, isJson }),
    onClose: (cause) => heard.closes.push(cause),
    ...options,
  })
  const say = (value: unknown) => {
    pair.far.send(typeof value === 'string' ? value : JSON.stringify(value))
    pair.far.deliver()
  }
  const sent = () => pair.near.sent.map((text) => JSON.parse(text) as unknown)
  return { ...pair, peer, heard, say, sent }
}

const LOST: CloseCause = { kind: 'exited', message: 'the process exited with code 0', code: 0, signal: null }

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

test('[RPC16] the end of the channel settles each pending request once, with the first cause', async () => {
  const { peer, near, heard, say } = open()
  const outcomes: string[] = []
  const asked = ['a', 'b', 'c'].map((method) =>
    peer.request(method, undefined, { timeoutMs: 1000 }).then(
      (result) => outcomes.push(`${method} ${result}`),
      (error: Error) => outcomes.push(`${method} ${error.message}`),
    ),
  )
  say({ id: 1, result: 'answered' })
  near.close(LOST)
  peer.close()
  vi.advanceTimersByTime(5000)
  await Promise.all(asked)
  expect(outcomes.sort()).toEqual([
    'a a: the connection ended before an answer (the process exited with code 0)',
    'b answered',
    'c c: the connection ended before an answer (the process exited with code 0)',
  ])
  expect(heard.closes).toEqual([LOST])
  expect(vi.getTimerCount()).toBe(0)
})

test('[RPC16] a request after the end is refused with its cause and nothing is sent', async () => {
  const { peer, near } = open()
  near.close(LOST)
  await expect(peer.request('late')).rejects.toMatchObject({ name: 'PeerClosedError', closeCause: LOST })
  expect(near.sent).toEqual([])
})

test('[RPC17] 0 and the empty string are ids like any other', async () => {
  const { peer, heard, say, sent } = open({ tagged: false })
  const answer = peer.request('first')
  expect(sent()).toEqual([{ id: 0, method: 'first' }])
  say({ id: 0, result: null })
  expect(await answer).toBe(null)
  say({ id: 0, method: 'zero' })
  say({ id: '', method: 'empty', params: [1] })
  expect(heard.requests).toEqual([
    { id: 0, method: 'zero', params: undefined },
    { id: '', method: 'empty', params: [1] },
  ])
  peer.respond('', undefined)
  peer.respondError(0, { code: -32601, message: 'no' })
  expect(sent().slice(1)).toEqual([
    { id: '', result: null },
    { id: 0, error: { code: -32601, message: 'no' } },
  ])
})

test('[RPC17] an id sent as a number is not answered by the same digits as text', async () => {
  const { peer, say } = open()
  const answer = peer.request('first')
  say({ id: '0', result: 'not yours' })
  say({ id: 0, result: 'yours' })
  expect(await answer).toBe('yours')
})

test('[RPC18] a request without an answer in time rejects, and a late answer is dropped', async () => {
  const { peer, heard, say } = open()
  const late = peer.request('slow', {}, { timeoutMs: 50 })
  const rejected = expect(late).rejects.toMatchObject({
    name: 'RequestTimeoutError',
    message: 'slow: no answer within 50 ms',
  })
  vi.advanceTimersByTime(50)
  await rejected
  say({ id: 0, result: 'late' })
  say({ id: 0, error: { code: 1, message: 'later' } })
  const next = peer.request('next')
  say({ id: 1, result: 'next' })
  expect(await next).toBe('next')
  expect(heard).toEqual({ requests: [], notifications: [], invalid: [], closes: [] })
})

test('[RPC18] an answer in time leaves no timer behind', async () => {
  const { peer, say } = open()
  const answer = peer.request('quick', {}, { timeoutMs: 50 })
  say({ id: 0, error: { code: 7, message: 'no', data: { a: 1 } } })
  await expect(answer).rejects.toMatchObject({
    name: 'RemoteError',
    code: 7,
    data: { a: 1 },
    method: 'quick',
  })
  expect(vi.getTimerCount()).toBe(0)
})

test('[RPC19] a message that is no JSON or no JSON-RPC costs that message only', () => {
  const { heard, say } = open()
  say('{"method": "cut')
  say([{ id: 1, method: 'batch' }])
  say('null')
  say({ id: null, method: 'null id' })
  say({ id: 4, method: 5 })
  say({ id: 6 })
  say({ id: 7, error: 'text' })
  say({ method: 'fine' })
  expect(heard.invalid.map(({ id, isJson }) => ({ id, isJson }))).toEqual([
    { id: null, isJson: false },
    { id: null, isJson: true },
    { id: null, isJson: true },
    { id: null, isJson: true },
    { id: 4, isJson: true },
    { id: 6, isJson: true },
    { id: 7, isJson: true },
  ])
  expect(heard.notifications).toEqual([{ method: 'fine', params: undefined }])
  expect(heard.closes).toEqual([])
})

test('[RPC20] no message makes a peer throw, and the one after it is read', () => {
  const member = fc.oneof(fc.jsonValue(), fc.constantFrom(0, '', 'turn/start', null, -1, {}))
  const key = fc.constantFrom(
    'id',
    'method',
    'params',
    'result',
    'error',
    'jsonrpc',
    '__proto__',
    'constructor',
  )
  const text = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('utf8')),
    fc.json(),
    fc.dictionary(key, member).map((value) => JSON.stringify(value)),
  )
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      const { heard, peer, say } = open()
      peer.request('pending').catch(() => {})
      for (const each of texts) say(each)
      say({ method: 'alive' })
      expect(heard.notifications.at(-1)).toEqual({ method: 'alive', params: undefined })
      expect(heard.closes).toEqual([])
    }),
  )
})

test('[RPC21] a request that cannot be encoded rejects and leaves nothing pending', async () => {
  const { peer, near } = open()
  const circle: Record<string, unknown> = {}
  circle.self = circle
  await expect(peer.request('bad', circle, { timeoutMs: 1000 })).rejects.toThrow(TypeError)
  expect(vi.getTimerCount()).toBe(0)
  expect(near.sent).toEqual([])
})

test('[RPC7] nothing is reported after the end', () => {
  const { peer, far, heard } = open()
  far.send('{"method":"too late"}')
  peer.close()
  far.deliver()
  expect(heard.notifications).toEqual([])
  expect(heard.closes).toEqual([{ kind: 'closed', message: 'closed by this side' }])
})
