/** A client without faults: what it sees is what the hub says. */

import { systemClock } from '../src/base/clock.ts'
import { connectHub, type HubClient } from '../src/client/client.ts'
import type { ListHandle, SessionHandle } from '../src/client/subscriptions.ts'
import type { Approval } from '../src/protocol/approval.ts'
import type { Item } from '../src/protocol/item.ts'
import type { Queue } from '../src/protocol/queue.ts'
import type { Summary } from '../src/protocol/summary.ts'
import type { Turn } from '../src/protocol/turn.ts'
import type { World } from './world.ts'

/** All that the hub remembers of one session. */
export interface Remembered {
  readonly summary: Summary
  readonly turns: readonly Turn[]
  readonly items: readonly Item[]
  readonly approvals: readonly Approval[]
  readonly queue: Queue
}

export class Observer {
  readonly hub: HubClient
  readonly list: ListHandle
  readonly #handles = new Map<string, SessionHandle>()

  constructor({ address }: World) {
    if (!address) throw new Error('there is no hub to observe')
    this.hub = connectHub({
      url: `http://127.0.0.1:${address.port}`,
      token: address.token,
      client: { id: 'id-observer', name: 'observer' },
      clock: systemClock,
    })
    this.list = this.hub.sessions()
  }

  follow(sessionId: string): SessionHandle {
    const handle = this.#handles.get(sessionId) ?? this.hub.session(sessionId)
    this.#handles.set(sessionId, handle)
    return handle
  }

  async sessions(): Promise<Summary[]> {
    return all(async (pageToken) => {
      const page = await this.hub.request('session/list', { limit: 100, ...pageToken })
      return { rows: page.sessions, nextPageToken: page.nextPageToken }
    })
  }

  async remembered(sessionId: string): Promise<Remembered> {
    const { session } = await this.hub.request('session/get', { sessionId })
    const { queue } = await this.hub.request('queue/list', { sessionId })
    const [turns, items, approvals] = await Promise.all([
      all(async (pageToken) => {
        const page = await this.hub.request('session/turns', { sessionId, limit: 100, ...pageToken })
        return { rows: page.turns, nextPageToken: page.nextPageToken }
      }),
      all(async (pageToken) => {
        const page = await this.hub.request('session/items', { sessionId, limit: 100, ...pageToken })
        return { rows: page.items, nextPageToken: page.nextPageToken }
      }),
      all(async (pageToken) => {
        const page = await this.hub.request('session/approvals', { sessionId, limit: 100, ...pageToken })
        return { rows: page.approvals, nextPageToken: page.nextPageToken }
      }),
    ])
    const bySeq = <T extends { seq: number }>(rows: T[]): T[] => rows.sort((a, b) => a.seq - b.seq)
    return { summary: session, turns: bySeq(turns), items: bySeq(items), approvals, queue }
  }

  close(): void {
    this.hub.close()
  }
}

async function all<T>(
  page: (at: { pageToken?: string }) => Promise<{ rows: readonly T[]; nextPageToken: string | null }>,
): Promise<T[]> {
  const rows: T[] = []
  let at: { pageToken?: string } = {}
  for (;;) {
    const { rows: more, nextPageToken } = await page(at)
    rows.push(...more)
    if (nextPageToken === null) return rows
    at = { pageToken: nextPageToken }
  }
}
