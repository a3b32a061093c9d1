/** What must not grow in a hub that has worked for long: looked at from outside, and in its own words. */
import { readdirSync, readFileSync } from 'node:fs'
import type { ResultOf } from '../../src/protocol/methods.ts'
import type { HubAddress } from './hub-wire.ts'
import { rssMb } from './process-cost.ts'

export interface Vitals {
  readonly rssMb: number
  readonly heapMb: number
  readonly descriptors: number
  readonly threads: number
  /** Codex processes of sessions, as the hub counts them. */
  readonly children: number
  readonly walMb: number
  readonly sessions: number
}

export async function vitalsOf(pid: number, { url, token }: HubAddress): Promise<Vitals> {
  const answer = await fetch(`${url}/health`, { headers: { authorization: `Bearer ${token}` } })
  const { memory, processes, store, sessions } = (await answer.json()) as ResultOf<'hub/status'>
  return {
    rssMb: rssMb(pid),
    heapMb: memory.heapBytes / 2 ** 20,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: Number(/^Threads:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
    children: processes.filter(({ sessionId }) => sessionId !== null).length,
    walMb: Number(store.walBytes) / 2 ** 20,
    sessions: Object.values(sessions).reduce((sum, count) => sum + count, 0),
  }
}
