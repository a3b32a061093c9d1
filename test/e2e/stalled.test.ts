import { afterEach, expect, it } from 'vitest'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { openGreeted } from '../harness/raw-socket.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

let test: TestHub
afterEach(() => test.close())

const LIMITS = { softBytes: 64 * 1024, hardBytes: 4 * 1024 * 1024, lagMs: 60_000 }
/** More than the buffers of both ends of a socket hold. */
const ANSWER = Array.from({ length: 4_000 }, (_, index) => `${index} ${'x'.repeat(2_000)}\n`)

const queueBytes = async (): Promise<number> => {
  const answer = await fetch(`${test.hub.url}/metrics`, {
    headers: { authorization: `Bearer ${test.hub.token}` },
  })
  return Number((await answer.text()).match(/^codex_hub_client_queue_bytes (\d+)/m)?.[1])
}

it('[CLT2] a client that stops reading costs the hub a bounded queue and its neighbour nothing', async () => {
  test = await makeHub({
    script: (request) =>
      request.lastUserText === 'pour' ? [{ say: ANSWER.join(''), chunks: ANSWER }] : [{ say: 'ready' }],
    hub: { outboxLimits: LIMITS },
  })
  const client = test.client()
  const { session } = await client.command('session/create', { cwd: test.codex.project })
  const stalled = await openGreeted(test.hub.url, test.hub.token)
  await stalled.call('session/subscribe', { sessionId: session.id })
  stalled.socket.pause()
  await client.command('session/send', { sessionId: session.id, input: text('pour') })
  const state = await stateWhere(client.session(session.id), isIdle, 60_000)
  // The text is far over what a state holds of one; what is shown is its head and its newest tail.
  const shown = said(state)[0] ?? ''
  expect(shown.startsWith('0 xxx')).toBe(true)
  expect(shown.endsWith(ANSWER.at(-1) ?? '')).toBe(true)
  expect(state.items.at(-1)?.cut).toEqual({ text: ANSWER.join('').length })
  expect(await queueBytes()).toBeLessThanOrEqual(LIMITS.hardBytes)
  stalled.socket.resume()
  // It reads again: one fresh state, then live.
  const end = await stalled.next(
    (message) =>
      message.method === 'session/synchronized' &&
      stalled.heard.some(({ method, params }) => {
        const { last, cursor } = (params ?? {}) as { last?: boolean; cursor?: { revision: number } }
        return method === 'session/snapshot' && last === true && (cursor?.revision ?? 0) > 2
      }),
  )
  expect(end).toBeDefined()
  stalled.socket.close()
}, 120_000)
