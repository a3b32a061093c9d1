/** Looks at a rollout, and what the hub does to its session while they last. */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { stampOf } from '../../src/connectors/rollout/thread-files.ts'
import { readWriterLock } from '../../src/connectors/rollout/writer-lock.ts'
import { openStore } from '../../src/persistence/open-store.ts'
import type { Store } from '../../src/persistence/store.ts'
import type { AdoptionRooms } from '../../src/server/adoption/adoption.ts'
import { DroppedThreads } from '../../src/server/adoption/dropped.ts'
import { HomeAdoption } from '../../src/server/adoption/home.ts'
import { KnownRollouts } from '../../src/server/adoption/known-rollouts.ts'
import { ThreadLooks } from '../../src/server/adoption/thread-looks.ts'
import { Registry } from '../../src/server/registry.ts'
import type { ForeignDoors } from '../../src/server/session/foreign-doors.ts'
import type { Session } from '../../src/server/session/session.ts'
import { event, meta } from '../connectors/rollout/rollouts.ts'
import { FakeDriver } from '../harness/fake-connector.ts'
import { until } from '../harness/until.ts'

let home: string
let store: Store
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'looks-'))
  store = await openStore({ folder: home, log: silentLog, clock: systemClock })
})
afterEach(async () => {
  await store.close()
  rmSync(home, { recursive: true, force: true })
})

/** A session with a turn, which the hub has open, and its rollout; every way of watching it is noted. */
async function begin() {
  const driver = new FakeDriver()
  const observed: string[] = []
  const foreign = {
    canJoin: () => false,
    noteRead: () => [],
    observe: async (threadId: string) => {
      observed.push(threadId)
      throw new Error('nobody else writes it')
    },
  } as unknown as ForeignDoors
  const registry = new Registry({ driver, foreign, store, clock: systemClock, log: silentLog })
  const known = new KnownRollouts(store, [], [])
  const rooms: AdoptionRooms = {
    registry,
    known,
    dropped: new DroppedThreads(store, []),
    clock: systemClock,
    log: silentLog,
    hubVersion: '0.0.0',
    endedAfterMs: 120_000,
    readBackTurns: 20,
    onLooked: () => {},
  }
  const session = await registry.create(home, {})
  await driver.connector.startTurn({ commandId: 'one', input: [{ type: 'text', text: 'one' }] })
  await until(() => session.phase === 'idle' && session.summary.counters.turns === 1)
  const { threadId } = session.connector?.thread ?? { threadId: '' }
  const folder = join(home, 'sessions/2026/01/01')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `rollout-2026-01-01T00-00-00-${threadId}.jsonl`)
  writeFileSync(path, meta(threadId) + event('user_message', { message: 'one' }))
  return { driver, registry, rooms, known, session, threadId, path, observed }
}

function threadAt(path: string, threadId: string) {
  const { size, mtimeMs } = statSync(path)
  return { threadId, paths: [path], isArchived: false, bytes: size, modifiedAt: mtimeMs }
}

it('[ADO30] a session that was opened and ended while its rollout was looked at stays ended', async () => {
  const { registry, rooms, known, session, threadId, path, observed } = await begin()
  await registry.stop(session.id)
  const thread = threadAt(path, threadId)
  const entry = { threadId, sessionId: session.id, codexHome: home, stamp: stampOf(thread), readStamp: null }
  known.put(entry)
  // Its writer is this process: what the hub's own child would be.
  mkdirSync(join(home, 'thread-writer-locks'))
  writeFileSync(join(home, 'thread-writer-locks', `${threadId}.lock`), '')
  const writer = openSync(path, 'a')
  const looks = new ThreadLooks(home, rooms, { threadOf: () => thread, loadedOf: () => null })
  await readWriterLock(home, threadId, [path])
  // The machine is asked at intervals who has files open: the second look waits for its answer.
  const looking = looks.look(threadId)
  await session.ensureLive()
  await registry.stop(session.id)
  await looking
  closeSync(writer)
  expect([observed, session.phase]).toEqual([[], 'closed'])
  await registry.close(false)
})

it('[ADO30] what the hub’s own child wrote last is not taken for somebody else’s when it dies', async () => {
  const { driver, registry, rooms, session, path, observed } = await begin()
  const watched = new HomeAdoption(home, rooms)
  registry.hooks.onRest = (rested: Session, asked) => watched.rested(rested, asked)
  await watched.start()
  await watched.settled()
  await registry.stop(session.id)
  await session.ensureLive()
  // No hint of the file system can come between.
  appendFileSync(path, event('agent_message', { message: 'Echo: one' }))
  driver.connector.end()
  await until(() => session.phase === 'dormant')
  await watched.settled()
  expect(observed).toEqual([])
  await watched.close()
  await registry.close(false)
})

it.skipIf(process.platform !== 'linux')(
  '[ADO41] that somebody else goes on with what the hub drives, where no lock prevents it, is told with who it is',
  async () => {
    const { registry, rooms, session, threadId, path } = await begin()
    const looks = new ThreadLooks(home, rooms, {
      threadOf: () => threadAt(path, threadId),
      loadedOf: () => null,
    })
    const writers: ChildProcess[] = []
    /** Keeps the rollout open for writing, under a name. */
    const write = async (name: string): Promise<number | undefined> => {
      const file = openSync(path, 'a')
      const child = spawn('bash', ['-c', `exec -a '${name}' sleep 60`], { stdio: ['ignore', file, 'ignore'] })
      closeSync(file)
      writers.push(child)
      await until(() => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').startsWith(name))
      return child.pid
    }
    try {
      await write('codex app-server')
      await looks.look(threadId)
      expect(session.summary.note).toBeNull()
      const pid = await write('codex exec resume')
      await looks.look(threadId)
      expect(session.summary.note).toBe(
        `Process ${pid} (codex exec resume 60) went on with it, too: what was said there is seen here once it was ended here and is opened again.`,
      )
    } finally {
      for (const child of writers) child.kill('SIGKILL')
    }
    await registry.close(false)
  },
)
