import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import { AppServer } from '../../../src/connectors/codex/app-server.ts'
import type { Conversation } from '../../../src/connectors/codex/conversation.ts'
import { SharedServer } from '../../../src/connectors/codex/shared-server.ts'
import { ManualClock } from '../../harness/manual-clock.ts'
import { memoryPair } from '../../harness/memory-channel.ts'

type Heard = [kind: string, ...rest: unknown[]]

function shared() {
  const { near, far } = memoryPair()
  const sent: Record<string, unknown>[] = []
  far.start({ message: (text) => sent.push(JSON.parse(text)), close: () => {} })
  const server = new AppServer({
    channel: near,
    hubVersion: '0',
    clock: new ManualClock(),
    log: silentLog,
    explain: async (cause) => cause,
  })
  const own: Heard[] = []
  const one = new SharedServer(server, silentLog, {
    notification: (method, _params, threadId) => own.push(['notification', method, threadId]),
    request: ({ method }, threadId) => {
      own.push(['request', method, threadId])
      return threadId === 'ours'
    },
    closed: ({ kind }) => own.push(['closed', kind]),
  })
  return {
    server,
    shared: one,
    own,
    /** What Codex was told; also moves what it says. */
    sent: () => {
      near.deliverAll()
      return sent
    },
    say(message: unknown) {
      far.send(JSON.stringify(message))
      far.deliverAll()
    },
    end: () => near.close({ kind: 'ended', message: 'the other side closed' }),
  }
}

function listenTo(lane: Conversation): Heard[] {
  const heard: Heard[] = []
  lane.listen({
    notification: (method) => heard.push(['notification', method]),
    request: ({ method }) => heard.push(['request', method]),
    closed: ({ kind, message }) => heard.push(['closed', kind, message]),
  })
  return heard
}

const delta = (threadId: string) => ({ method: 'item/agentMessage/delta', params: { threadId } })
const ask = (id: number, threadId: string) => ({
  id,
  method: 'item/commandExecution/requestApproval',
  params: { threadId },
})

describe('one connection for many threads', () => {
  it('[DAE1] what names a thread reaches the lane of that thread and no other', () => {
    const { shared: one, say, own } = shared()
    const [first, second] = [listenTo(one.lane('t1')), listenTo(one.lane('t2'))]
    say(delta('t1'))
    say(ask(7, 't2'))
    say(delta('t3'))
    say(ask(8, 't3'))
    expect({ first, second, own }).toEqual({
      first: [['notification', 'item/agentMessage/delta']],
      second: [['request', 'item/commandExecution/requestApproval']],
      own: [
        ['notification', 'item/agentMessage/delta', 't3'],
        ['request', 'item/commandExecution/requestApproval', 't3'],
      ],
    })
  })

  it('[DAE1] what is about threads as such is heard by the connection and by the lane', () => {
    const { shared: one, say, own } = shared()
    const heard = listenTo(one.lane('t1'))
    say({ method: 'thread/status/changed', params: { threadId: 't1', status: { type: 'idle' } } })
    say({ method: 'thread/started', params: { thread: { id: 't1' } } })
    say({ method: 'skills/changed', params: {} })
    say({ method: 'account/rateLimits/updated', params: { rateLimits: {} } })
    expect({ heard, own }).toEqual({
      heard: [
        ['notification', 'thread/status/changed'],
        ['notification', 'thread/started'],
        ['notification', 'account/rateLimits/updated'],
      ],
      own: [
        ['notification', 'thread/status/changed', 't1'],
        ['notification', 'thread/started', 't1'],
        ['notification', 'skills/changed', null],
        ['notification', 'account/rateLimits/updated', null],
      ],
    })
  })

  it('[DAE2] nothing between the opening of a lane and its first listener is lost, and the order stays', () => {
    const { shared: one, say } = shared()
    const lane = one.lane('t1')
    say(delta('t1'))
    say(ask(7, 't1'))
    expect(listenTo(lane)).toEqual([
      ['notification', 'item/agentMessage/delta'],
      ['request', 'item/commandExecution/requestApproval'],
    ])
  })

  it('[DAE3] what a subagent asks is asked in the lane of the thread it works for, at any depth', () => {
    const { shared: one, say, own } = shared()
    const heard = listenTo(one.lane('root'))
    say({ method: 'thread/started', params: { thread: { id: 'child', parentThreadId: 'root' } } })
    one.relate('grandchild', 'child')
    say(ask(7, 'grandchild'))
    one.relate('loop', 'pool')
    one.relate('pool', 'loop')
    say(ask(8, 'loop'))
    expect({ heard, own }).toEqual({
      heard: [
        ['notification', 'thread/started'],
        ['request', 'item/commandExecution/requestApproval'],
      ],
      own: [
        ['notification', 'thread/started', 'child'],
        ['request', 'item/commandExecution/requestApproval', 'loop'],
      ],
    })
  })

  it('[DAE3] what was asked before it was known for whom is asked in the lane as soon as it is, unless it was resolved', () => {
    const { shared: one, say } = shared()
    say(ask(7, 'child'))
    say(ask(8, 'child'))
    say(ask(9, 'ours'))
    say(ask(10, 'root'))
    say({ method: 'serverRequest/resolved', params: { threadId: 'child', requestId: 7 } })
    one.relate('ours', 'root')
    one.relate('child', 'root')
    const ids: unknown[] = []
    const lane = one.lane('root')
    lane.listen({ notification() {}, request: ({ id }) => ids.push(id), closed() {} })
    one.relate('child', 'root')
    // 9 was dealt with; 10 is the thread's own, and Codex replays it when the thread is resumed.
    expect(ids).toEqual([8])
  })

  it('[DAE4] a lane that closes leaves the connection and the other lanes alone', async () => {
    const { shared: one, say, own, sent } = shared()
    const [left, kept] = [one.lane('t1'), one.lane('t2')]
    const [heardLeft, heardKept] = [listenTo(left), listenTo(kept)]
    left.close()
    say(delta('t1'))
    say(delta('t2'))
    left.respond(3, { result: {} })
    await expect(left.request('thread/read', { threadId: 't1' })).rejects.toMatchObject({ fault: 'closed' })
    void kept.request('thread/read', { threadId: 't2' })
    expect({ heardLeft, heardKept, own, sent: sent() }).toEqual({
      heardLeft: [],
      heardKept: [['notification', 'item/agentMessage/delta']],
      own: [['notification', 'item/agentMessage/delta', 't1']],
      sent: [{ id: 0, method: 'thread/read', params: { threadId: 't2' } }],
    })
    expect(listenTo(one.lane('t1'))).toEqual([])
    expect(() => one.lane('t1')).toThrow('followed over this connection already')
  })

  it('[DAE5] the end of the connection ends every lane once with the first cause, and then the connection', async () => {
    const { shared: one, end, own } = shared()
    const order: string[] = []
    const [early, late] = [one.lane('t1'), one.lane('t2')]
    early.listen({ notification() {}, request() {}, closed: () => order.push(`t1 after ${own.length}`) })
    end()
    end()
    await Promise.resolve()
    const tooLate = one.lane('t3')
    expect({ order, own, late: listenTo(late), tooLate: listenTo(tooLate) }).toEqual({
      order: ['t1 after 0'],
      own: [['closed', 'ended']],
      late: [['closed', 'ended', 'the other side closed']],
      tooLate: [['closed', 'ended', 'the other side closed']],
    })
    await expect(early.request('thread/read', { threadId: 't1' })).rejects.toMatchObject({ fault: 'closed' })
  })

  it('[DAE5] a thread that Codex unloads ends its lane only', () => {
    const { shared: one, say } = shared()
    const [first, second] = [listenTo(one.lane('t1')), listenTo(one.lane('t2'))]
    say({ method: 'thread/closed', params: { threadId: 't1' } })
    expect({ first, second }).toEqual({
      first: [
        ['notification', 'thread/closed'],
        ['closed', 'ended', 'Codex has unloaded this thread'],
      ],
      second: [],
    })
  })

  it('[DAE6] a listener that throws ends its own lane only', () => {
    const { shared: one, say, server } = shared()
    const causes: unknown[] = []
    one.lane('t1').listen({
      notification() {
        throw new Error('no room')
      },
      request() {},
      closed: ({ kind, message }) => causes.push([kind, message]),
    })
    const second = listenTo(one.lane('t2'))
    say(delta('t1'))
    say(delta('t1'))
    say(delta('t2'))
    expect({ causes, second, isClosed: server.isClosed }).toEqual({
      causes: [['failed', 'a message could not be handled: no room']],
      second: [['notification', 'item/agentMessage/delta']],
      isClosed: false,
    })
  })
})

describe('a thread that only the answer names', () => {
  it('[ISO9] gets what was said of it before its lane was there, and what was said of no thread meanwhile', async () => {
    const { shared: one, own, say, sent } = shared()
    const answer = Promise.withResolvers<{ thread: { threadId: string } }>()
    const beginning = one.begin(() => answer.promise, null)
    say({ method: 'configWarning', params: { summary: 'odd' } })
    say({ method: 'thread/started', params: { thread: { id: 'new' } } })
    say(delta('other'))
    answer.resolve({ thread: { threadId: 'new' } })
    say(delta('new'))
    const { lane } = await beginning
    say(delta('new'))
    expect(listenTo(lane)).toEqual([
      ['notification', 'configWarning'],
      ['notification', 'thread/started'],
      ['notification', 'item/agentMessage/delta'],
      ['notification', 'item/agentMessage/delta'],
    ])
    expect(own.map(([, , threadId]) => threadId)).toEqual([null, 'new', 'other', 'new'])
    expect(sent()).toEqual([])
  })

  it('[ISO9] that could not be opened leaves its place to the next try', async () => {
    const { shared: one } = shared()
    const fails = () => Promise.reject(new Error('no'))
    await expect(one.begin(fails, 'known')).rejects.toThrow('no')
    expect(listenTo(one.lane('known'))).toEqual([])
  })
})
