/**
 * What others' sessions cost the hub as a whole: a first start among thousands of old rollouts, a later start, and the
 * time from a line appended to a rollout to a client's hands. Synthetic rollouts made from a recording.
 *
 *     node bench/adoption.ts [files=10000] [totalMB=2000] [appends=400]
 */
import { fork } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { connectHub } from '../src/client/client.ts'

const [files = 10_000, totalMb = 2_000, appends = 400] = process.argv.slice(2).map(Number)
const RECORDING = join(import.meta.dirname, '../test/fixtures/rollouts/0.169.0')
/** As in the first line of the command. */
const HEAP_FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=40']
const root = mkdtempSync(join(tmpdir(), 'bench-adoption-'))
const home = join(root, 'codex')
/** As many a day as somebody makes who makes many. */
const PER_DAY = 40
const DAY_MS = 24 * 3_600_000
const threadIdOf = (index: number) => `01a1fbca-0000-7000-8000-${index.toString(16).padStart(12, '0')}`
const now = Date.now()

function pathOf(index: number): string {
  // The last one is of today.
  const at = new Date(now - Math.floor((files - 1 - index) / PER_DAY) * DAY_MS).toISOString()
  const folder = join(home, 'sessions', ...at.slice(0, 10).split('-'))
  mkdirSync(folder, { recursive: true })
  return join(folder, `rollout-${at.slice(0, 10)}T03-04-05-${threadIdOf(index)}.jsonl`)
}

function writeRollouts(): void {
  const text = readFileSync(join(RECORDING, readdirSync(RECORDING)[0] as string), 'utf8').trimEnd()
  const [meta = '', ...lines] = text.split('\n')
  const id = /"id":"([0-9a-f-]{36})"/.exec(meta)?.[1] ?? ''
  const body = `${lines.join('\n').replaceAll(/"ordinal":\d+,/g, '')}\n`
  const repeats = Math.max(1, Math.round((totalMb * 1024 * 1024) / files / body.length))
  for (let index = 0; index < files; index += 1) {
    const head = `${meta.replaceAll(id, threadIdOf(index))}\n`
    writeFileSync(pathOf(index), head + body.repeat(repeats))
    const at = (now - Math.floor((files - 1 - index) / PER_DAY) * DAY_MS) / 1_000 - 3_600 + index / files
    utimesSync(pathOf(index), at, at)
  }
}

interface Started {
  readonly url: string
  readonly token: string
}

/** The hub in a process of its own, so that its memory is its own. */
async function startHub(): Promise<{ address: Started; pid: number; stop: () => Promise<void> }> {
  const program = join(import.meta.dirname, '../test/fixtures/programs/run-hub.ts')
  const config = JSON.stringify({ port: 0, codexHome: home, logLevel: 'silent' })
  const child = fork(program, [join(root, 'hub'), config], {
    execArgv: HEAP_FLAGS,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  let line = ''
  for await (const chunk of child.stdout as NodeJS.ReadableStream) {
    line += String(chunk)
    if (line.includes('\n')) break
  }
  child.stdout?.resume()
  return {
    address: JSON.parse(line) as Started,
    pid: child.pid ?? 0,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

const rssMb = (pid: number) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
const peakMb = (pid: number) =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)

async function measureStart(what: string): Promise<Awaited<ReturnType<typeof startHub>>> {
  const begun = performance.now()
  const hub = await startHub()
  const client = connectHub({ ...hub.address, client: { id: 'bench', name: 'bench' } })
  const since = () => Math.round(performance.now() - begun)
  let usable = 0
  for (;;) {
    const { total } = await client.request('session/list', { limit: 50 })
    if (total >= Math.min(50, files) && usable === 0) usable = since()
    const { homes } = await client.request('home/list', {})
    const [first] = homes
    if (usable > 0 && first && first.threads === files && first.waiting === 0) break
    await delay(20)
  }
  const { memory } = await client.request('hub/status', {})
  console.log(
    `${what}: list usable after ${usable} ms, index complete after ${since()} ms, heap ${Math.round(memory.heapBytes / 1048576)} MB, RSS ${rssMb(hub.pid)} MB, peak ${peakMb(hub.pid)} MB`,
  )
  client.close()
  return hub
}

const quantile = (sorted: readonly number[], part: number) =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1)

async function measureAppends({ address, pid }: Awaited<ReturnType<typeof startHub>>): Promise<void> {
  const client = connectHub({ ...address, client: { id: 'bench', name: 'bench' } })
  const { sessions } = await client.request('session/list', { limit: 1 })
  const [first] = sessions
  const index = files - 1
  if (first?.threadId !== threadIdOf(index)) throw new Error('the newest session is not the newest rollout')
  const session = client.session(first.id)
  await new Promise<void>((resolve) => {
    const look = () => session.getSnapshot().state && resolve()
    session.subscribe(look)
    look()
  })
  const times: number[] = []
  let wanted = ''
  let heard = () => {}
  session.subscribe(() => {
    if (session.getSnapshot().state?.items.at(-1)?.body.text === wanted) heard()
  })
  for (let each = 0; each < appends + 5; each += 1) {
    await delay(25)
    wanted = `appended ${each}`
    const at = new Promise<number>((resolve) => {
      heard = () => resolve(performance.now())
    })
    const payload = { type: 'agent_message', message: wanted }
    const line = { timestamp: new Date().toISOString(), type: 'event_msg', payload }
    const begun = performance.now()
    appendFileSync(pathOf(index), `${JSON.stringify(line)}\n`)
    const ms = (await at) - begun
    if (each >= 5) times.push(ms)
  }
  times.sort((a, b) => a - b)
  console.log(
    `appended line to client: p50 ${quantile(times, 0.5)} ms, p99 ${quantile(times, 0.99)} ms, max ${quantile(times, 1)} ms over ${times.length}; RSS ${rssMb(pid)} MB`,
  )
  client.close()
}

try {
  writeRollouts()
  console.log(`${files} rollouts, ${totalMb} MB`)
  const first = await measureStart('first start')
  await first.stop()
  const second = await measureStart('second start')
  await measureAppends(second)
  await second.stop()
} finally {
  rmSync(root, { recursive: true, force: true })
}
