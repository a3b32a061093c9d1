/** What happens to a rollout in the moment in which it is being opened. */
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { SourceBatch } from '../../../src/connectors/connector.ts'
import type { WatchedThread } from '../../../src/connectors/rollout/thread-files.ts'
import type { AdoptionRooms } from '../../../src/server/adoption/adoption.ts'
import { Observers } from '../../../src/server/adoption/observers.ts'

const RECORDING = join(import.meta.dirname, '../../fixtures/rollouts/0.169.0')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'observers-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Opens a rollout of which the watcher knows `after` by the time it is open. */
async function opened(after: (thread: WatchedThread) => WatchedThread | null) {
  const path = join(folder, String(readdirSync(RECORDING)[0]))
  cpSync(RECORDING, folder, { recursive: true })
  const thread: WatchedThread = {
    threadId: '01a1fbc9-bf3c-7c32-8506-1eae475acaa4',
    paths: [path],
    isArchived: false,
    bytes: statSync(path).size,
    modifiedAt: 1,
  }
  let known: WatchedThread | null = thread
  const rooms = {
    known: { checkpointOf: async () => null },
    clock: systemClock,
    log: silentLog,
    endedAfterMs: 1_000,
    readBackTurns: 20,
  } as unknown as AdoptionRooms
  const observers = new Observers(folder, rooms, () => known)
  const batches: SourceBatch[] = []
  const ends: string[] = []
  const opening = observers.open(thread, {
    sessionId: 'ses_1',
    cwd: folder,
    settings: {},
    knowsPast: true,
    sink: {
      receive: () => {},
      receiveAll: (batch) => batches.push(batch),
      closed: ({ message }) => ends.push(message),
    },
  })
  known = after(thread)
  return { observers, connector: await opening, batches, ends }
}

it('[ADO27] a rollout that is removed while it is being opened ends what observes it', async () => {
  const { observers, ends } = await opened(() => null)
  expect([ends, observers.size]).toEqual([['Its rollout is gone.'], 0])
})

it('[ADO27] a rollout that is moved while it is being opened is read on where it is', async () => {
  const { connector, ends, batches } = await opened((thread) => {
    const moved = join(folder, 'archived_sessions')
    cpSync(RECORDING, moved, { recursive: true })
    return { ...thread, paths: [join(moved, String(readdirSync(RECORDING)[0]))], isArchived: true }
  })
  renameSync(connector.thread.rolloutPath as string, join(folder, 'elsewhere'))
  connector.follow()
  await connector.judged
  expect([ends, batches.at(-1)?.stamp]).toEqual([['Finished.'], expect.any(String)])
})
