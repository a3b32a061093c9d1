import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyDeltas, EMPTY_STATE } from '../../src/protocol/apply-delta.ts'
import { jsonCodec } from '../../src/protocol/codec.ts'
import type { Cursor } from '../../src/protocol/cursor.ts'
import type { Delta } from '../../src/protocol/delta.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'
import { type Outlet, Subscription } from '../../src/server/client/subscription.ts'
import type { Frame } from '../../src/server/stream/frame.ts'
import { sessionStreamKind } from '../../src/server/stream/session-stream.ts'
import { Stream } from '../../src/server/stream/stream.ts'
import { ManualClock } from '../harness/manual-clock.ts'
import { history, SUMMARY } from '../protocol/arbitrary-history.ts'

const START: SessionState = { ...EMPTY_STATE, summary: SUMMARY }

interface Message {
  readonly method: string
  readonly params: { cursor: Cursor; part?: number; last?: boolean; deltas?: Delta[] }
}

/** A client written from PROTOCOL.md alone: it folds what it hears and keeps its cursor. */
class Follower implements Outlet {
  state: SessionState = EMPTY_STATE
  cursor: Cursor | undefined
  isFull = false
  holes = 0
  readonly messages: Message[] = []
  #gathering: SessionState = EMPTY_STATE
  #subscription: Subscription | null = null
  readonly #lagging = new Set<Subscription>()
  readonly #stream: Stream<SessionState, Delta>

  constructor(stream: Stream<SessionState, Delta>) {
    this.#stream = stream
  }

  connect(): ReturnType<Subscription['begin']>['answer'] {
    this.disconnect()
    this.#subscription = new Subscription(this.#stream, this, (cursor) => ({
      method: 'synchronized',
      params: { cursor },
    }))
    const { answer, first } = this.#subscription.begin(this.cursor)
    first()
    return answer
  }

  disconnect(): void {
    this.#subscription?.end()
    this.#subscription = null
    this.#lagging.clear()
  }

  lag(subscription: Subscription): void {
    this.#lagging.add(subscription)
  }

  drain(): void {
    this.isFull = false
    for (const subscription of this.#lagging) subscription.resume()
    this.#lagging.clear()
  }

  send(frame: Frame): void {
    const message = JSON.parse(frame.encoded(jsonCodec).toString()) as Message
    this.messages.push(message)
    const { cursor, part, last, deltas = [] } = message.params
    if (message.method === 'session/snapshot') {
      this.#gathering = applyDeltas(part === 0 ? EMPTY_STATE : this.#gathering, deltas)
      if (!last) return
      this.state = this.#gathering
    } else if (message.method === 'session/delta') {
      if (cursor.epoch !== this.cursor?.epoch || cursor.revision !== this.cursor.revision + 1) this.holes += 1
      this.state = applyDeltas(this.state, deltas)
    }
    this.cursor = cursor
  }
}

const plain = (state: SessionState): unknown => JSON.parse(JSON.stringify(state))

function open(clock = new ManualClock(), epoch = 'e1') {
  return new Stream(sessionStreamKind('ses_1'), START, epoch, clock)
}

const append = (text: string): Delta => ({ op: 'append', itemId: 'i', field: 'text', text })
const item: Delta = {
  op: 'item',
  item: {
    id: 'i',
    turnId: 't',
    seq: 0,
    type: 'agentMessage',
    status: 'inProgress',
    startedAt: 0,
    completedAt: null,
    body: { text: '' },
  },
}
const title = (text: string): Delta => ({ op: 'summary', patch: { title: text } })

describe('a stream', () => {
  it('[SUB1] whatever is dropped, however slowly a client reads, every client ends equal to the hub and sees no hole', () => {
    const act = fc.oneof(
      {
        weight: 6,
        arbitrary: history.map((deltas) => ({ do: 'push' as const, deltas: deltas.slice(0, 12) })),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constantFrom('connect', 'disconnect', 'fill', 'drain'),
          who: fc.nat(2),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ do: 'wait' as const }) },
    )
    fc.assert(
      fc.property(fc.array(act, { minLength: 3, maxLength: 25 }), (acts) => {
        const clock = new ManualClock()
        const stream = open(clock)
        const followers = [0, 1, 2].map(() => new Follower(stream))
        for (const step of acts) {
          if (step.do === 'push')
            stream.push((step as { deltas: Delta[] }).deltas.filter(({ op }) => op !== 'reset'))
          else if (step.do === 'wait') clock.advance(20)
          else {
            const follower = followers[(step as { who: number }).who] as Follower
            if (step.do === 'connect') follower.connect()
            if (step.do === 'disconnect') follower.disconnect()
            if (step.do === 'fill') follower.isFull = true
            if (step.do === 'drain') follower.drain()
          }
        }
        clock.advance(20)
        stream.flush()
        for (const follower of followers) {
          follower.isFull = false
          follower.connect()
          expect(plain(follower.state)).toEqual(plain(stream.state))
          expect(follower.cursor).toEqual(stream.cursor)
          expect(follower.holes).toBe(0)
          follower.disconnect()
        }
        expect(stream.subscriberCount).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('[SUB2] a client that comes back with its cursor gets exactly the deltas it lacks', () => {
    const stream = open()
    const follower = new Follower(stream)
    stream.push([item])
    follower.connect()
    follower.disconnect()
    stream.push([title('one')])
    stream.push([title('two')])
    follower.messages.length = 0
    expect(follower.connect()).toMatchObject({ mode: 'deltas', reason: null })
    expect(follower.messages.map(({ method, params }) => [method, params.cursor.revision])).toEqual([
      ['session/delta', 2],
      ['session/delta', 3],
      ['synchronized', 3],
    ])
  })

  it('[SUB3] a cursor that cannot be continued gets a snapshot and the reason', () => {
    const stream = open()
    stream.push([title('one')])
    const reasonFor = (cursor: Cursor | undefined) => {
      const follower = new Follower(stream)
      follower.cursor = cursor
      const { mode, reason } = follower.connect()
      expect(plain(follower.state)).toEqual(plain(stream.state))
      follower.disconnect()
      return [mode, reason]
    }
    expect(reasonFor(undefined)).toEqual(['snapshot', 'noCursor'])
    expect(reasonFor({ epoch: 'another', revision: 1 })).toEqual(['snapshot', 'otherEpoch'])
    expect(reasonFor({ epoch: 'e1', revision: 99 })).toEqual(['snapshot', 'ahead'])
    for (let count = 0; count < 30; count += 1) stream.push([title(`${count}`.repeat(10_000))])
    expect(reasonFor({ epoch: 'e1', revision: 1 })).toEqual(['snapshot', 'tooOld'])
  })

  it('[SUB4] a trickle is never held back; a burst shares frames', () => {
    const clock = new ManualClock()
    const stream = open(clock)
    stream.push([item])
    const follower = new Follower(stream)
    follower.connect()
    follower.messages.length = 0
    for (let count = 0; count < 10; count += 1) {
      stream.push([append('x')])
      expect(follower.messages).toHaveLength(count + 1)
      clock.advance(10)
    }
    clock.advance(100)
    follower.messages.length = 0
    for (let count = 0; count < 100; count += 1) stream.push([append('y')])
    expect(follower.messages.length).toBeLessThanOrEqual(2)
    clock.advance(16)
    expect(follower.messages.length).toBeLessThanOrEqual(3)
    expect(follower.state.items[0]?.body.text).toBe('x'.repeat(10) + 'y'.repeat(100))
  })

  it('[SUB4] a burst that has become a trickle is held back no longer', () => {
    const clock = new ManualClock()
    const stream = open(clock)
    stream.push([item])
    const follower = new Follower(stream)
    follower.connect()
    for (let count = 0; count < 100; count += 1) stream.push([append('y')])
    clock.advance(16)
    // The first window after it may still gather.
    for (let count = 0; count < 2; count += 1) {
      stream.push([append('z')])
      clock.advance(10)
    }
    follower.messages.length = 0
    for (let count = 0; count < 20; count += 1) {
      stream.push([append('x')])
      expect(follower.messages).toHaveLength(count + 1)
      clock.advance(10)
    }
  })

  it('[SUB8] text that nobody follows is gathered; who joins has all of it', () => {
    const clock = new ManualClock()
    const stream = open(clock)
    stream.push([item])
    const { revision } = stream.cursor
    for (let count = 0; count < 10; count += 1) {
      stream.push([append(`${count}`)])
      clock.advance(10)
    }
    expect(stream.cursor.revision).toBe(revision)
    expect(stream.latest.items[0]?.body.text).toBe('0123456789')
    const follower = new Follower(stream)
    follower.connect()
    expect(follower.state.items[0]?.body.text).toBe('0123456789')
    follower.disconnect()
    stream.push([append('!')])
    clock.advance(5_000)
    expect(stream.state.items[0]?.body.text).toBe('0123456789!')
  })

  it('[SUB5] what is not text takes the text before it along, in order', () => {
    const stream = open()
    stream.push([item])
    const follower = new Follower(stream)
    follower.connect()
    for (let count = 0; count < 10; count += 1) stream.push([append(`${count}`)])
    stream.push([{ op: 'itemPatch', itemId: 'i', status: 'completed', body: {} }])
    expect(follower.state.items[0]).toMatchObject({ status: 'completed', body: { text: '0123456789' } })
    const last = follower.messages.at(-1)?.params.deltas?.map(({ op }) => op)
    expect(last).toEqual(['append', 'itemPatch'])
  })

  it('[SUB6] a frame is encoded once, and the same buffer goes to every client', () => {
    const stream = open()
    const buffers: Buffer[] = []
    for (let count = 0; count < 3; count += 1) {
      stream.subscribe({ deliver: (frame) => void buffers.push(frame.encoded(jsonCodec)) }, undefined)
    }
    stream.push([title('x')])
    expect(buffers).toHaveLength(3)
    expect(new Set(buffers).size).toBe(1)
  })

  it('[CLT1] a client that reads too slowly takes nothing, and gets what it lacks once when there is room', () => {
    const stream = open()
    const follower = new Follower(stream)
    follower.connect()
    follower.messages.length = 0
    follower.isFull = true
    for (let count = 0; count < 50; count += 1) stream.push([title(`${count}`.repeat(10_000))])
    expect(follower.messages).toEqual([])
    follower.drain()
    expect(follower.messages.filter(({ method }) => method === 'session/delta')).toEqual([])
    expect(follower.messages.filter(({ params }) => params.last)).toHaveLength(1)
    expect(plain(follower.state)).toEqual(plain(stream.state))
  })
})
