import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import type { SourceBatch } from '../../../src/connectors/connector.ts'
import type { SessionEvent } from '../../../src/connectors/event.ts'
import { Following } from '../../../src/connectors/rollout/following.ts'
import { newParserState } from '../../../src/connectors/rollout/parser-state.ts'
import type { Batch } from '../../../src/connectors/rollout/reader.ts'
import { ManualClock } from '../../harness/manual-clock.ts'

const STATE: Batch['state'] = {
  format: 1,
  part: '',
  file: '1:1',
  offset: 10,
  mark: null,
  droppedBytes: 0,
  ordinal: null,
  badLines: 0,
  parser: newParserState(),
}
const THREAD = { threadId: 't', paths: ['/r.jsonl'], isArchived: false, bytes: 10, modifiedAt: 5 }

/** A following whose every reading the test decides. */
function followingOf(read: () => Batch, judged: (following: Following) => void = () => {}) {
  const clock = new ManualClock()
  const events: SessionEvent[] = []
  const batches: SourceBatch[] = []
  let reads = 0
  const following: Following = new Following({
    reader: {
      read: async () => {
        reads += 1
        return read()
      },
      follow: () => {},
      close: async () => {},
    },
    thread: THREAD,
    sink: {
      receive: (event) => events.push(event),
      receiveAll: (batch) => batches.push(batch),
      closed: () => {},
    },
    clock,
    log: silentLog,
    atEnd: async () => {
      judged(following)
      return 5_000
    },
  })
  return { following, clock, events, batches, reads: () => reads }
}

it('[ROL35] what cannot be read is tried again after a while, and told once', async () => {
  let isBroken = true
  const { following, clock, events, batches, reads } = followingOf(() => {
    if (isBroken) throw new Error('EIO: i/o error')
    return { restarted: false, events: [], state: STATE, bytes: 10, atEnd: true }
  })
  await following.look()
  // A failure that called for the next reading by itself would have it in one of these.
  for (let turn = 0; turn < 50; turn += 1) await setImmediate()
  expect(reads()).toBe(1)
  clock.advance(5_000)
  await setImmediate()
  expect(reads()).toBe(2)
  expect(events).toEqual([
    { type: 'warning', message: "The session's rollout could not be read: EIO: i/o error" },
  ])
  isBroken = false
  clock.advance(5_000)
  await setImmediate()
  expect(batches).toEqual([{ events: [], checkpoint: STATE, at: null, stamp: '10 5 1', startsOver: false }])
})

it('[ROL35] what changes while the state is judged is read at once', async () => {
  let isChanged = false
  const { following, batches, reads } = followingOf(
    () => ({ restarted: false, events: [], state: STATE, bytes: 10, atEnd: true }),
    (judging) => {
      if (isChanged) return
      isChanged = true
      judging.changed({ ...THREAD, bytes: 20 })
    },
  )
  await following.look()
  await setImmediate()
  expect([reads(), batches.map(({ stamp }) => stamp)]).toEqual([2, ['10 5 1', '20 5 1']])
})

it('[ROL35] what changes before it is followed is reported once it is', async () => {
  const batch = { restarted: false, events: [], state: STATE, bytes: 10, atEnd: true }
  const { following, batches, reads } = followingOf(() => batch)
  following.changed({ ...THREAD, bytes: 20 })
  await setImmediate()
  expect([reads(), batches]).toEqual([0, []])
  await following.look()
  expect([reads(), batches.length]).toEqual([1, 1])
})

it('[ROL37] a file that was being read when following was stopped is let go of', async () => {
  const reading = Promise.withResolvers<Batch>()
  const open = new Set<string>()
  const reader = {
    read: async () => {
      const batch = await reading.promise
      // Kept open between two batches.
      open.add('/r.jsonl')
      return batch
    },
    follow: () => {},
    close: async () => open.clear(),
  }
  const sink = { receive: () => {}, receiveAll: () => {}, closed: () => {} }
  const atEnd = async () => null
  const clock = new ManualClock()
  const following = new Following({ reader, thread: THREAD, sink, clock, log: silentLog, atEnd })
  const looking = following.look()
  await following.stop()
  reading.resolve({ restarted: false, events: [], state: STATE, bytes: 10, atEnd: false })
  await looking
  expect([...open]).toEqual([])
})
