import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { chokidarHints, type HintListener } from '../../../src/connectors/rollout/hints.ts'
import { RolloutWatcher } from '../../../src/connectors/rollout/watch.ts'
import { ManualClock } from '../../harness/manual-clock.ts'

const A = '01a1fbca-0000-7a63-9526-92951200000a'
const B = '01a1fbca-0000-7a63-9526-92951200000b'
const PART = '01a1fbca-9aa6-7782-9c46-b69105e1198c'

let home = ''
const watchers: RolloutWatcher[] = []
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rollout-watch-'))
})
afterEach(async () => {
  await Promise.all(watchers.splice(0).map((watcher) => watcher.close()))
  rmSync(home, { recursive: true, force: true })
})

function pathOf(threadId: string, day = '2026/01/02', folder = 'sessions'): string {
  const at = `${day.replaceAll('/', '-')}T00-00-00`
  return folder === 'sessions'
    ? join(home, 'sessions', day, `rollout-${at}-${threadId}.jsonl`)
    : join(home, folder, `rollout-${at}-${threadId}.jsonl`)
}
/** Files are as old as the manual clock says, or warm files would be looked at in every sweep. */
function write(path: string, content: string, ageMs = 0): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  utimesSync(path, (1e12 - ageMs) / 1_000, (1e12 - ageMs) / 1_000)
  return path
}

function watching() {
  const clock = new ManualClock()
  clock.advance(1e12)
  const log: string[] = []
  const health: (readonly string[])[] = []
  const hints: { listener: HintListener; watched: readonly string[]; closed: boolean }[] = []
  const watcher = new RolloutWatcher({
    codexHome: home,
    clock,
    openHints: (listener) => {
      const opened = { listener, watched: [] as readonly string[], closed: false }
      hints.push(opened)
      return {
        watch: (paths) => {
          opened.watched = paths
        },
        close: async () => {
          opened.closed = true
        },
      }
    },
    onEvent: (event) => {
      if (event.type === 'removed') log.push(`removed ${event.threadId.slice(-1)}`)
      else log.push(`${event.type} ${event.thread.threadId.slice(-1)} ${event.thread.bytes}`)
    },
    onHealth: (problems) => health.push(problems),
  })
  watchers.push(watcher)
  const take = () => log.splice(0)
  const sweep = async (ms = 30_000) => {
    clock.advance(ms)
    await watcher.settled()
    return take()
  }
  return { watcher, clock, hints, health, take, sweep }
}

test('[ROL26] what is there is found newest first; what grows is changed; what goes is removed', async () => {
  write(pathOf(A, '2026/01/01'), 'aa')
  write(pathOf(B, '2026/01/02'), 'b')
  write(join(home, 'sessions/2026/01/02/notes.txt'), 'no rollout')
  const { watcher, take, sweep } = watching()
  await watcher.start()
  expect(take()).toEqual(['found b 1', 'found a 2'])
  expect(await sweep()).toEqual([])
  appendFileSync(pathOf(B), 'bb')
  expect(await sweep()).toEqual(['changed b 3'])
  rmSync(pathOf(A, '2026/01/01'))
  // Missed once it may be on its way to the archive.
  expect(await sweep()).toEqual([])
  expect(await sweep(1_000)).toEqual(['removed a'])
  expect([...watcher.threads.keys()]).toEqual([B])
})

test('[ROL26] a home without sessions is watched until there are some', async () => {
  const { watcher, take, sweep, health } = watching()
  await watcher.start()
  expect([take(), health]).toEqual([[], []])
  write(pathOf(A), 'a')
  expect(await sweep()).toEqual(['found a 1'])
})

test('[ROL27] a thread that is archived, compressed or reverted is the same thread, moved', async () => {
  const plain = write(pathOf(A), 'a')
  const { watcher, take, sweep } = watching()
  await watcher.start()
  take()
  const archived = pathOf(A, '2026/01/02', 'archived_sessions')
  mkdirSync(dirname(archived))
  renameSync(plain, archived)
  expect(await sweep()).toEqual(['moved a 1'])
  expect(watcher.threads.get(A)).toMatchObject({ isArchived: true, paths: [archived] })
  // Compressing: the twin appears, then the plain file goes.
  write(`${archived}.zst`, 'zz')
  expect(await sweep()).toEqual([])
  rmSync(archived)
  expect(await sweep()).toEqual(['moved a 2'])
  const part = pathOf(`${A}_${PART}`, '2026/01/03')
  write(part, 'ppp')
  expect(await sweep()).toEqual(['moved a 5'])
  expect(watcher.threads.get(A)).toMatchObject({ isArchived: false, paths: [`${archived}.zst`, part] })
})

test('[ROL28] a hint makes the watcher look at once, and only at what was hinted at', async () => {
  write(pathOf(A), 'a')
  write(pathOf(B), 'b')
  const { watcher, hints, take } = watching()
  await watcher.start()
  take()
  appendFileSync(pathOf(A), 'a')
  appendFileSync(pathOf(B), 'b')
  // Many hints for one write are one look.
  for (let index = 0; index < 5; index += 1) hints[0]?.listener.changed(pathOf(A))
  await watcher.settled()
  expect(take()).toEqual(['changed a 2'])
  hints[0]?.listener.changed(join(home, 'thread-writer-locks', `${B}.lock`))
  await watcher.settled()
  expect(take()).toEqual(['changed b 2'])
})

test('[ROL28] the folder of a new day is found by a hint and watched from then on', async () => {
  write(pathOf(A, '2026/01/30'), 'a')
  const { watcher, hints, take } = watching()
  await watcher.start()
  expect(take()).toEqual(['found a 1'])
  write(pathOf(B, '2026/02/01'), 'b')
  hints[0]?.listener.changed(join(home, 'sessions/2026/02'))
  await watcher.settled()
  expect(take()).toEqual(['found b 1'])
  expect(hints[0]?.watched).toEqual(
    [
      'sessions',
      'thread-writer-locks',
      '.',
      'sessions/2026',
      'sessions/2026/02',
      'sessions/2026/02/01',
      'sessions/2026/01',
      'sessions/2026/01/30',
    ].map((path) => join(home, path)),
  )
})

test('[ROL29] when hints fail the sweep goes on more often, health says so, and hints are tried again', async () => {
  write(pathOf(A), 'a')
  const { watcher, hints, health, take, sweep } = watching()
  await watcher.start()
  hints[0]?.listener.failed(new Error('ENOSPC: System limit for number of file watchers reached'))
  hints[0]?.listener.failed(new Error('again'))
  await watcher.settled()
  expect(hints[0]?.closed).toBe(true)
  expect(health).toEqual([
    [`Changes in ${home} are found every 5 s only: ENOSPC: System limit for number of file watchers reached`],
  ])
  take()
  appendFileSync(pathOf(A), 'a')
  expect(await sweep(5_000)).toEqual(['changed a 2'])
  for (let ms = 0; ms < 10 * 60_000; ms += 5_000) await sweep(5_000)
  expect(hints.length).toBe(2)
  expect(health.at(-1)).toEqual([])
  appendFileSync(pathOf(A), 'a')
  hints[1]?.listener.changed(pathOf(A))
  await watcher.settled()
  expect(take()).toEqual(['changed a 3'])
})

test('[ROL30] an old file takes turns, unless its thread is locked or its file was hinted at', async () => {
  const old = write(pathOf(A, '2020/01/01'), 'a', 3 * 24 * 60 * 60_000)
  write(pathOf(B), 'b')
  const { watcher, take, sweep } = watching()
  await watcher.start()
  take()
  appendFileSync(old, 'a')
  utimesSync(old, 1e6, 1e6)
  const seen = []
  for (let sweeps = 0; sweeps < 10; sweeps += 1) seen.push(...(await sweep()))
  expect(seen).toEqual(['changed a 2'])
  mkdirSync(join(home, 'thread-writer-locks'))
  writeFileSync(join(home, 'thread-writer-locks', `${A}.lock`), '')
  for (let size = 3; size < 9; size += 1) {
    appendFileSync(old, 'a')
    utimesSync(old, 1e6, 1e6)
    expect(await sweep()).toEqual([`changed a ${size}`])
  }
})

test('[ROL29] a folder that cannot be read is a health entry, and what it held is not taken for gone', async () => {
  write(pathOf(A, '2026/01/01'), 'a')
  const day = dirname(write(pathOf(B), 'b'))
  const { watcher, health, take, sweep } = watching()
  await watcher.start()
  take()
  renameSync(day, `${day}-away`)
  // A loop of links: nobody can read it, root neither.
  symlinkSync(day, day)
  appendFileSync(pathOf(A, '2026/01/01'), 'a')
  expect(await sweep()).toEqual(['changed a 2'])
  expect([await sweep(), await sweep()]).toEqual([[], []])
  expect(health).toEqual([[expect.stringContaining(`${day} cannot be read: ELOOP`)]])
  rmSync(day)
  renameSync(`${day}-away`, day)
  expect(await sweep()).toEqual([])
  expect(health.at(-1)).toEqual([])
})

test('[ROL28] real hints tell of a new file, of its growth and of a new day', async () => {
  write(pathOf(A), 'a')
  let wake = () => {}
  const log: string[] = []
  const watcher = new RolloutWatcher({
    codexHome: home,
    clock: systemClock,
    openHints: chokidarHints,
    onEvent: (event) => {
      if (event.type !== 'removed')
        log.push(`${event.type} ${event.thread.threadId.slice(-1)} ${event.thread.bytes}`)
      wake()
    },
    onHealth: (problems) => log.push(...problems),
    // Longer than the test may take: what is told here is told because of hints.
    sweepMs: 3_600_000,
  })
  watchers.push(watcher)
  const until = async (entry: string, nudge: () => void) => {
    nudge()
    while (!log.includes(entry)) await new Promise<void>((resolve) => (wake = resolve))
  }
  await watcher.start()
  expect(log).toEqual(['found a 1'])
  await until('found b 1', () => write(pathOf(B), 'b'))
  await until('changed b 3', () => appendFileSync(pathOf(B), 'bb'))
  const later = '01a1fbca-0000-7a63-9526-92951200000c'
  await until('found c 1', () => write(pathOf(later, '2026/02/01'), 'c'))
  await until('changed c 2', () => appendFileSync(pathOf(later, '2026/02/01'), 'c'))
})

test('[ROL28] a watcher that is closed in the middle of a look ends quietly', async () => {
  write(pathOf(A), 'a')
  for (let round = 0; round < 20; round += 1) {
    const watcher = new RolloutWatcher({
      codexHome: home,
      clock: systemClock,
      openHints: chokidarHints,
      onEvent: () => {},
      onHealth: () => {},
    })
    const started = watcher.start()
    await new Promise((resolve) => setImmediate(resolve))
    await watcher.close()
    await started
  }
})

test('[ROL38] a look that fails is said, and the next sweep comes all the same', async () => {
  const clock = new ManualClock()
  clock.advance(1e12)
  write(pathOf(A), '{}\n')
  const seen: string[] = []
  const health: (readonly string[])[] = []
  let isBroken = true
  const watcher = new RolloutWatcher({
    codexHome: home,
    clock,
    openHints: () => ({ watch: () => {}, close: async () => {} }),
    onEvent: (event) => {
      if (isBroken) throw new Error('the store is closed')
      seen.push(event.type)
    },
    onHealth: (problems) => health.push(problems),
  })
  watchers.push(watcher)
  await watcher.start()
  expect(health).toEqual([[`A look at ${home} failed: the store is closed`]])
  isBroken = false
  write(pathOf(A), '{}\n{}\n')
  clock.advance(30_000)
  await watcher.settled()
  expect([seen, health.at(-1)]).toEqual([['changed'], []])
})
