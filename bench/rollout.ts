/**
 * What observing costs: reading a rollout against the bare cost of its bytes, outlining thousands of them, and the time
 * from an appended line to its event. Writes synthetic rollouts made from the recordings into a temporary folder.
 *
 *     node bench/rollout.ts [files=10000] [totalMB=2000]
 */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import { outlineThread } from '../src/connectors/rollout/head-tail.ts'
import { chokidarHints } from '../src/connectors/rollout/hints.ts'
import { RolloutReader } from '../src/connectors/rollout/reader.ts'
import type { WatchedThread } from '../src/connectors/rollout/thread-files.ts'
import { RolloutWatcher } from '../src/connectors/rollout/watch.ts'

const [files = 10_000, totalMb = 2_000] = process.argv.slice(2).map(Number)
const MB = 1024 * 1024
const RECORDINGS = join(import.meta.dirname, '../test/fixtures/rollouts')
const root = mkdtempSync(join(tmpdir(), 'bench-rollout-'))
const threadIdOf = (index: number) => `01a1fbca-0000-7000-8000-${index.toString(16).padStart(12, '0')}`

function recording(version: string): string {
  const folder = join(RECORDINGS, version)
  return readFileSync(join(folder, readdirSync(folder)[0] as string), 'utf8')
}

/** A recording as it would be in use: real instructions, outputs of some KB, the conversation over and over. */
function lengthen(version: string, bytes: number, threadId: string): string {
  const [meta = '', ...lines] = recording(version)
    .replaceAll(/"text":"\(instructions\)"/g, `"text":"${'Be helpful. '.repeat(400)}"`)
    .replaceAll('hello\\n', `${'some line of output\\n'.repeat(100)}`)
    .trimEnd()
    .split('\n')
  const id = /"id":"([0-9a-f-]{36})"/.exec(meta)?.[1] ?? ''
  // Ordinals would make every repetition after the first a copy.
  const body = `${lines.join('\n').replaceAll(/"ordinal":\d+,/g, '')}\n`.replaceAll(id, threadId)
  const head = `${meta.replaceAll(id, threadId)}\n`
  return head + body.repeat(Math.max(1, Math.round((bytes - head.length) / Buffer.byteLength(body))))
}

/** Reads, splits and parses: less than this nobody can do who looks at every line. */
function readBare(path: string): number {
  const file = openSync(path, 'r')
  const chunk = Buffer.alloc(256 * 1024)
  let rest: Buffer = Buffer.alloc(0)
  let lines = 0
  for (;;) {
    const length = readSync(file, chunk, 0, chunk.length, null)
    if (length === 0) break
    const bytes =
      rest.length > 0 ? Buffer.concat([rest, chunk.subarray(0, length)]) : chunk.subarray(0, length)
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      JSON.parse(bytes.toString('utf8', from, end))
      lines += 1
      from = end + 1
    }
    rest = Buffer.from(bytes.subarray(from))
  }
  closeSync(file)
  return lines
}

async function ingest(version: string): Promise<void> {
  const path = join(root, `rollout-2026-01-01T00-00-00-${threadIdOf(0)}.jsonl`)
  writeFileSync(path, lengthen(version, 100 * MB, threadIdOf(0)))
  const mb = statSync(path).size / MB
  const bare: number[] = []
  const read: number[] = []
  for (let round = 0; round < 4; round += 1) {
    let began = performance.now()
    readBare(path)
    bare.push(mb / ((performance.now() - began) / 1_000))
    began = performance.now()
    const reader = new RolloutReader([path], null)
    while (!(await reader.read()).atEnd);
    read.push(mb / ((performance.now() - began) / 1_000))
  }
  const [bareRate, readRate] = [Math.max(...bare), Math.max(...read)]
  console.log(
    `ingest ${version}: ${readRate.toFixed(0)} MB/s, bare ${bareRate.toFixed(0)} MB/s, ratio ${(readRate / bareRate).toFixed(2)}`,
  )
  rmSync(path)
}

async function outline(): Promise<void> {
  const home = join(root, 'home')
  const versions = readdirSync(RECORDINGS)
  const bodies = versions.map(
    (version) => [version, lengthen(version, (totalMb * MB) / files, 'THREAD')] as const,
  )
  for (let index = 0; index < files; index += 1) {
    const day = new Date(Date.UTC(2025, 0, 1) + Math.floor((index / files) * 365) * 86_400_000)
      .toISOString()
      .slice(0, 10)
    const threadId = threadIdOf(index)
    const path = join(home, 'sessions', ...day.split('-'), `rollout-${day}T00-00-00-${threadId}.jsonl`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, (bodies[index % bodies.length]?.[1] ?? '').replaceAll('THREAD', threadId))
  }
  globalThis.gc?.()
  const rssBefore = process.memoryUsage.rss()
  const found: WatchedThread[] = []
  let changed = (_thread: WatchedThread) => {}
  const watcher = new RolloutWatcher({
    codexHome: home,
    clock: systemClock,
    openHints: chokidarHints,
    onEvent: (event) => {
      if (event.type === 'found') found.push(event.thread)
      else if (event.type === 'changed') changed(event.thread)
    },
    onHealth: (problems) => console.log(problems),
  })
  let began = performance.now()
  await watcher.start()
  console.log(`found ${found.length} threads in ${(performance.now() - began).toFixed(0)} ms`)
  began = performance.now()
  await watcher.sweep()
  console.log(`one more sweep: ${(performance.now() - began).toFixed(0)} ms`)

  let peak = 0
  let prompts = 0
  let first50 = 0
  let next = 0
  began = performance.now()
  const work = async (): Promise<void> => {
    for (let thread = found[next++]; thread; thread = found[next++]) {
      const { firstPrompt, turn } = await outlineThread(thread.threadId, thread.paths)
      if (firstPrompt !== null && turn !== null) prompts += 1
      if (next >= 50 && first50 === 0) first50 = performance.now() - began
      if (next % 500 === 0) peak = Math.max(peak, process.memoryUsage.rss())
    }
  }
  await Promise.all([work(), work(), work(), work()])
  const ms = performance.now() - began
  console.log(
    `outlined ${files} rollouts (${totalMb} MB) in ${ms.toFixed(0)} ms (${((ms / files) * 1_000).toFixed(0)} µs each, first 50 in ${first50.toFixed(0)} ms), ${prompts} with prompt and state; RSS ${(rssBefore / MB).toFixed(0)} → peak ${(peak / MB).toFixed(0)} MB`,
  )
  await latency(found[0] as WatchedThread, (listener) => {
    changed = listener
  })
  await watcher.close()
}

async function latency(
  thread: WatchedThread,
  listen: (listener: (thread: WatchedThread) => void) => void,
): Promise<void> {
  const path = thread.paths[0] as string
  const reader = new RolloutReader(thread.paths, null)
  while (!(await reader.read()).atEnd);
  const times: number[] = []
  const line = `{"timestamp":"2026-01-01T00:00:00Z","type":"event_msg","payload":{"type":"agent_message","message":"x"}}\n`
  for (let round = 0; round < 200; round += 1) {
    const read = new Promise<void>((resolve) => {
      listen(async () => {
        const { events } = await reader.read()
        if (events.length > 0) resolve()
      })
    })
    const began = performance.now()
    appendFileSync(path, line)
    await read
    times.push(performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 120))
  }
  times.sort((a, b) => a - b)
  const at = (part: number) => (times[Math.floor(times.length * part)] as number).toFixed(1)
  console.log(`append to event: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`)
}

try {
  for (const version of ['0.47.0', '0.98.0', '0.142.0', '0.169.0']) await ingest(version)
  await outline()
} finally {
  rmSync(root, { recursive: true, force: true })
}
