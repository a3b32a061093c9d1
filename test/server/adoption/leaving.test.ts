import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import type { AdoptionRooms } from '../../../src/server/adoption/adoption.ts'
import { Leaving } from '../../../src/server/adoption/leaving.ts'
import { ManualClock } from '../../harness/manual-clock.ts'

/** One session of a daemon that was idle and looked at by nobody for long. */
function idleFor(turns: { isFree: boolean }, stopped: () => unknown = () => {}) {
  const clock = new ManualClock()
  const loaded = new Map([['thread', {}]])
  const stops: string[] = []
  const summary = { note: null as string | null, evidenceAt: clock.now(), updatedAt: clock.now() }
  const record = {
    isFollowed: false,
    summary,
    patchSummary: (patch: object) => Object.assign(summary, patch),
  }
  const session = { id: 'ses_1', connector: { door: 'attached' }, phase: 'idle', turns, summary, record }
  const registry = {
    byThread: () => session,
    stop: async (id: string) => {
      stops.push(id)
      stopped()
    },
  }
  const rooms = { clock, registry, log: silentLog } as unknown as AdoptionRooms
  const leaving = new Leaving(rooms, () => loaded)
  leaving.start()
  return { leaving, clock, loaded, stops, summary }
}

it('[ADO25] that a session is open in the daemon is said once it is let go of, for as long as it is', async () => {
  const { leaving, clock, summary, stops } = idleFor({ isFree: true })
  clock.advance(60_000)
  await setImmediate()
  expect([stops, summary.note]).toEqual([['ses_1'], 'Open in the Codex daemon.'])
  leaving.gone('thread')
  expect(summary.note).toBeNull()
})

it('[ADO25] of a session that left the daemon while it was let go of it is not said', async () => {
  const { clock, summary, stops, loaded } = idleFor({ isFree: true }, () => loaded.clear())
  clock.advance(60_000)
  await setImmediate()
  expect([stops, summary.note]).toEqual([['ses_1'], null])
})

it('[ADO26] a session that is just being sent to is not let go of', () => {
  const { clock, stops } = idleFor({ isFree: false })
  clock.advance(300_000)
  expect(stops).toEqual([])
})
