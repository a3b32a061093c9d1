/**
 * What search costs: reading thousands of rollouts nobody opened for the index, while somebody else uses the hub, what the
 * index weighs beside its text, and how long a query takes. The words are drawn as in a language: few often, most seldom.
 *
 *     node bench/search.ts [sessions=10000] [totalMB=2000]
 */
import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { connectHub, type HubClient } from '../src/client/client.ts'
import type { ParamsOf } from '../src/protocol/methods.ts'
import { seededRandom } from '../test/harness/random.ts'

const [sessions = 10_000, totalMb = 2_000] = process.argv.slice(2).map(Number)
const root = mkdtempSync(join(tmpdir(), 'bench-search-'))
const home = join(root, 'codex')
const DAY_MS = 24 * 3_600_000
const PER_DAY = 40
const now = Date.now()
const threadIdOf = (index: number) => `01a1fbca-0000-7000-8000-${index.toString(16).padStart(12, '0')}`

/** The same words in every run. */
const random = seededRandom(1)
const SYLLABLES = 'ba ce di fo gu ka le mi no pu ra se ti vo wu xa ye zi qu en or al'.split(' ')
const nameOf = (rank: number): string =>
  (rank >= SYLLABLES.length ? nameOf(Math.floor(rank / SYLLABLES.length)) : '') +
  SYLLABLES[rank % SYLLABLES.length]
/** Of 60,000 words, the first about once in eleven. */
const word = () => nameOf(Math.floor(60_000 ** random()) - 1)
const words = (count: number) => Array.from({ length: count }, word).join(' ')

function writeRollouts(): number {
  let textBytes = 0
  const bytesEach = (totalMb * 1024 * 1024) / sessions
  for (let index = 0; index < sessions; index += 1) {
    const begun = now - Math.floor((sessions - 1 - index) / PER_DAY) * DAY_MS - 3_600_000
    const folder = join(home, 'sessions', ...new Date(begun).toISOString().slice(0, 10).split('-'))
    mkdirSync(folder, { recursive: true })
    const threadId = threadIdOf(index)
    const lines: string[] = []
    let bytes = 0
    let at = begun
    const line = (type: string, payload: object): void => {
      at += 1_000
      lines.push(JSON.stringify({ timestamp: new Date(at).toISOString(), type, payload }))
      bytes += lines.at(-1)?.length ?? 0
    }
    line('session_meta', {
      id: threadId,
      timestamp: new Date(begun).toISOString(),
      cwd: `/home/dev/p${index % 30}`,
      cli_version: '0.120.0',
    })
    for (let turn = 0; bytes < bytesEach; turn += 1) {
      const [prompt, answer] = [words(40), words(150)]
      textBytes += prompt.length + answer.length
      line('event_msg', {
        type: 'user_message',
        message: turn === 0 ? `${prompt} session${index}` : prompt,
        kind: 'plain',
      })
      line('response_item', {
        type: 'message',
        role: 'user',
        content: [{ type: 'input_text', text: prompt.repeat(3) }],
      })
      line('response_item', {
        type: 'function_call',
        name: 'shell',
        call_id: `c${turn}`,
        arguments: '{"command":["ls"]}',
      })
      line('response_item', { type: 'function_call_output', call_id: `c${turn}`, output: words(1_500) })
      line('event_msg', { type: 'agent_message', message: answer })
      line('response_item', {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: answer }],
      })
    }
    const path = join(
      folder,
      `rollout-${new Date(begun).toISOString().slice(0, 19).replaceAll(':', '-')}-${threadId}.jsonl`,
    )
    writeFileSync(path, `${lines.join('\n')}\n`)
    utimesSync(path, at / 1_000, at / 1_000)
  }
  return textBytes
}

async function startHub(): Promise<{ client: HubClient; pid: number; stop: () => Promise<void> }> {
  const program = join(import.meta.dirname, '../test/fixtures/programs/run-hub.ts')
  const config = JSON.stringify({ port: 0, codexHome: home, logLevel: 'silent' })
  const child = fork(program, [join(root, 'hub'), config], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  let line = ''
  for await (const chunk of child.stdout as NodeJS.ReadableStream) {
    line += String(chunk)
    if (line.includes('\n')) break
  }
  child.stdout?.resume()
  const client = connectHub({
    ...(JSON.parse(line) as { url: string; token: string }),
    client: { id: 'bench', name: 'bench' },
  })
  const stop = async (): Promise<void> => {
    client.close()
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await gone
  }
  return { client, pid: child.pid ?? 0, stop }
}

const peakMb = (pid: number) =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
const cpuSeconds = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function quantiles(times: number[]): string {
  times.sort((a, b) => a - b)
  const at = (part: number) =>
    (times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`
}

async function measureIndexing(client: HubClient, pid: number, begun: number): Promise<void> {
  let usable = 0
  for (;;) {
    const { total } = await client.request('session/list', { limit: 50 })
    if (total >= Math.min(50, sessions)) usable ||= performance.now() - begun
    const { homes } = await client.request('home/list', {})
    if (usable > 0 && homes[0]?.threads === sessions && homes[0].waiting === 0) break
    await delay(20)
  }
  const found = performance.now()
  console.log(
    `list usable after ${usable.toFixed(0)} ms, all sessions known after ${(found - begun).toFixed(0)} ms`,
  )
  const cpu = cpuSeconds(pid)
  const pings: number[] = []
  for (;;) {
    const asked = performance.now()
    await client.request('hub/ping', {})
    pings.push(performance.now() - asked)
    const { search } = await client.request('hub/status', {})
    if (search.isComplete && search.rollouts.indexed === sessions) break
    await delay(100)
  }
  const seconds = (performance.now() - found) / 1_000
  const used = cpuSeconds(pid) - cpu
  console.log(
    `indexed ${totalMb} MB in ${seconds.toFixed(1)} s (${(totalMb / seconds).toFixed(1)} MB/s), ${used.toFixed(1)} s of processor, peak ${peakMb(pid)} MB`,
  )
  console.log(`ping meanwhile: ${quantiles(pings)} over ${pings.length}`)
}

async function measureQueries(client: HubClient): Promise<void> {
  const [often, seldom] = [nameOf(0), nameOf(40_000)]
  const queries: readonly (readonly [string, ParamsOf<'session/search'>])[] = [
    ['one of a kind', { query: `session${Math.floor(sessions / 3)}` }],
    ['seldom', { query: seldom }],
    ['in every text', { query: `"${often}"` }],
    ['two words', { query: `${nameOf(500)} ${nameOf(900)} ` }],
    ['a phrase', { query: `"${nameOf(1)} ${nameOf(2)}"` }],
    ['a beginning', { query: 'len' }],
    ['in every text, one folder', { query: `"${often}"`, cwd: '/home/dev/p3' }],
    ['in every text, one model nobody has', { query: `"${often}"`, models: ['none'] }],
    ['two words that never meet', { query: `session1 session2 ` }],
  ]
  for (const [what, params] of queries) {
    const times: number[] = []
    let count = 0
    for (let round = 0; round < 20; round += 1) {
      const asked = performance.now()
      count = (await client.request('session/search', params)).hits.length
      times.push(performance.now() - asked)
    }
    console.log(`${what.padEnd(36)} ${quantiles(times)} (${count} hits)`)
  }
}

function weigh(textBytes: number): void {
  const database = new Database(join(root, 'hub', 'hub.sqlite'), { readonly: true })
  const rows = database.prepare('select name, sum(pgsize) as bytes from dbstat group by name').all() as {
    name: string
    bytes: number
  }[]
  database.close()
  const mb = (test: RegExp) =>
    rows.filter(({ name }) => test.test(name)).reduce((sum, { bytes }) => sum + bytes, 0) / 1_048_576
  const text = textBytes / 1_048_576
  console.log(
    `text ${text.toFixed(1)} MB; index ${mb(/^search_(data|idx|docsize|config)$/).toFixed(1)} MB, texts and keys ${mb(/search_texts/).toFixed(1)} MB; database ${(statSync(join(root, 'hub', 'hub.sqlite')).size / 1_048_576).toFixed(1)} MB`,
  )
}

try {
  const textBytes = writeRollouts()
  console.log(`${sessions} rollouts, ${totalMb} MB, ${(textBytes / 1_048_576).toFixed(1)} MB of it text`)
  const begun = performance.now()
  const hub = await startHub()
  await measureIndexing(hub.client, hub.pid, begun)
  await measureQueries(hub.client)
  await hub.stop()
  weigh(textBytes)
} finally {
  rmSync(root, { recursive: true, force: true })
}
