import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import { AppServer } from '../../../src/connectors/codex/app-server.ts'
import { Gate } from '../../../src/connectors/codex/gate.ts'
import { ManualClock } from '../../harness/manual-clock.ts'
import { memoryPair } from '../../harness/memory-channel.ts'

function conversation() {
  const { near, far } = memoryPair()
  const heard: Record<string, unknown>[] = []
  far.start({ message: (text) => heard.push(JSON.parse(text)), close: () => {} })
  const server = new AppServer({
    channel: near,
    hubVersion: '1.2.3',
    clock: new ManualClock(),
    log: silentLog,
    explain: async () => ({ kind: 'exited', message: 'the process exited with code 0', code: 0 }),
  })
  const say = (message: unknown) => {
    far.send(JSON.stringify(message))
    far.deliverAll()
  }
  return { server, near, far, heard, say }
}

describe('app-server', () => {
  it('[COD60] the handshake says who asks and what it does not want, and learns the version', async () => {
    const { server, near, heard, say } = conversation()
    const shaken = server.handshake()
    near.deliverAll()
    say({ id: 0, result: { userAgent: 'codex_hub/0.169.0 (Linux) xterm (codex_hub; 1.2.3)' } })
    await shaken
    near.deliverAll()
    expect(server.version).toBe('0.169.0')
    expect(heard).toMatchObject([
      {
        id: 0,
        method: 'initialize',
        params: {
          clientInfo: { name: 'codex_hub', version: '1.2.3' },
          capabilities: {
            experimentalApi: true,
            optOutNotificationMethods: expect.arrayContaining(['codex/event/agent_message_delta']),
          },
        },
      },
      { method: 'initialized' },
    ])
  })

  it.each([
    ['thread abc already has an active writer', 'heldElsewhere'],
    ['no rollout found for thread id abc', 'threadNotFound'],
    ['thread not found: abc', 'threadNotFound'],
    ['Invalid request: unknown variant `x`, expected one of `y`', 'unsupported'],
    ['no active turn to interrupt', 'refused'],
  ])(
    '[COD61] the failure "%s" is told as %s, with the words of Codex in its facts',
    async (message, fault) => {
      const { server, near, say } = conversation()
      const answer = server.request('thread/resume', { threadId: 'abc' })
      near.deliverAll()
      say({ id: 0, error: { code: -32_600, message } })
      await expect(answer).rejects.toMatchObject({
        name: 'ConnectorError',
        fault,
        facts: { method: 'thread/resume', codexMessage: message },
      })
    },
  )

  it('[COD61] a request that is not answered in time, or never can be, is told as such', async () => {
    const { server, far } = conversation()
    await expect(server.request('turn/interrupt', { threadId: 't', turnId: 'u' }, 1)).rejects.toMatchObject({
      fault: 'timeout',
    })
    const pending = server.request('turn/start', { threadId: 't', input: [] })
    far.close({ kind: 'closed', message: 'gone' })
    server.close()
    await expect(pending).rejects.toMatchObject({ fault: 'closed' })
  })

  it('[COD62] what comes before anybody listens is held back and told in order, the end included', async () => {
    const { server, near, say } = conversation()
    const told: unknown[] = []
    say({ method: 'thread/started', params: 1 })
    say({ method: 'currentTime/read', id: 0, params: {} })
    say('not a message')
    say({ method: 'turn/started', params: 2 })
    const closed = Promise.withResolvers<void>()
    server.listen({
      notification: (method, params) => told.push([method, params]),
      request: ({ id, method }) => told.push([method, id]),
      closed: (cause) => {
        told.push(cause.kind)
        closed.resolve()
      },
    })
    expect(told).toEqual([
      ['thread/started', 1],
      ['currentTime/read', 0],
      ['turn/started', 2],
    ])
    near.close({ kind: 'failed', message: 'the line broke' })
    await closed.promise
    expect(told.at(-1)).toBe('exited')
  })

  it('[COD63] no more starts run at once than the gate allows, and a failed one gives its place back', async () => {
    const gate = new Gate(2)
    const taps = [0, 1, 2, 3].map(() => Promise.withResolvers<void>())
    const begun: number[] = []
    const runs = taps.map((tap, index) =>
      gate.run(() => {
        begun.push(index)
        return tap.promise
      }),
    )
    expect(begun).toEqual([0, 1])
    taps[0]?.reject(new Error('failed'))
    await expect(runs[0]).rejects.toThrow('failed')
    expect(begun).toEqual([0, 1, 2])
    for (const tap of taps) tap.resolve()
    await Promise.all(runs.slice(1))
    expect(begun).toEqual([0, 1, 2, 3])
  })
})

it('[RPC9] a listener that cannot take in the end of a conversation costs itself and nothing else', async () => {
  const { server, near } = conversation()
  const told = Promise.withResolvers<string>()
  server.listen({
    notification: () => {},
    request: () => {},
    closed: ({ kind }) => {
      told.resolve(kind)
      throw new Error('cannot')
    },
  })
  near.close({ kind: 'ended', message: 'gone' })
  // Were the rejection heard by nobody, the run of all tests would fail of it.
  expect(await told.promise).toBe('exited')
})
