/**
 * What the page costs, told by the browser's own trace: 2,000 sessions in the list, first paint, first rows, JavaScript;
 * then typing and scrolling in a session of the real Codex that streams 500 tokens a second. Run with
 * `npm run build:web && node bench/page.ts [sessions]`.
 */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../test/harness/browser.ts'
import { makeHub } from '../test/harness/hub.ts'
import { manySessions } from '../test/harness/seed.ts'
import { text } from '../test/harness/watch.ts'

const LOADS = 7
const TOKENS_PER_SECOND = 500
const STREAM_SECONDS = 14
const CATEGORIES = [
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
  'loading',
  'blink.user_timing',
  'toplevel',
]

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly ts: number
  readonly dur?: number
  readonly pid: number
  readonly tid: number
  readonly id2?: { readonly local?: string }
  readonly args: Record<string, unknown>
}

const count = Number(process.argv[2] ?? 2_000)
const words = Array.from({ length: TOKENS_PER_SECOND * STREAM_SECONDS }, (_, index) =>
  index % 40 === 39 ? 'then.\n\n' : index % 11 === 10 ? '`code` ' : 'word ',
)

const test = await makeHub({
  // Five tokens every 10 ms; a timer is about a millisecond late.
  script: ({ lastUserText }) =>
    lastUserText === 'stream'
      ? [{ say: words.join(''), chunks: inChunksOf(5, words), pauseMs: 1_000 / (TOKENS_PER_SECOND / 5) - 1 }]
      : [{ say: 'Ready.' }],
  seed: (store) => {
    for (const session of manySessions(count)) store.write({ kind: 'session', session })
  },
})
const browser = await openBrowser()
try {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    serviceWorkers: 'block',
  })
  const page = await context.newPage()
  await page.goto(`${test.hub.url}/#token=${test.hub.token}`)
  await page.waitForSelector('[data-session]')
  await measureLoads(page)
  await measureStreaming(page)
} finally {
  await browser.close()
  await test.close()
}

async function measureLoads(page: Page): Promise<void> {
  const wire = await page.context().newCDPSession(page)
  await wire.send('Network.setCacheDisabled', { cacheDisabled: true })
  const paints: number[] = []
  const rows: number[] = []
  const usable: number[] = []
  let scripts: string[] = []
  for (let load = 0; load < LOADS; load += 1) {
    await page.goto('about:blank')
    scripts = []
    const onRequest = (request: { resourceType(): string; url(): string }): void => {
      if (request.resourceType() === 'script') scripts.push(new URL(request.url()).pathname)
    }
    page.on('request', onRequest)
    const events = await traced(browser, page, async () => {
      await page.goto(`${test.hub.url}/`, { waitUntil: 'commit' })
      await page.waitForSelector('[data-session]')
      await page.evaluate(
        () =>
          new Promise<void>((resolve) =>
            requestAnimationFrame(() =>
              setTimeout(() => {
                performance.mark('bench-rows')
                resolve()
              }),
            ),
          ),
      )
      await page.fill('input[type=search]', 'pagination')
      await page.waitForFunction(() => {
        const rows = document.querySelectorAll('[data-session]')
        return rows.length > 0 && [...rows].every((row) => row.textContent?.includes('pagination'))
      })
      await page.evaluate(() => performance.mark('bench-usable'))
    })
    page.off('request', onRequest)
    // The tab's own about:blank has a start, too.
    const start = Math.max(...events.filter(({ name }) => name === 'navigationStart').map(({ ts }) => ts))
    const after = (name: string): number =>
      Math.min(
        ...events
          .filter((event) => event.name === name && event.ts > start)
          .map(({ ts }) => (ts - start) / 1_000),
      )
    paints.push(after('firstContentfulPaint'))
    rows.push(after('bench-rows'))
    usable.push(after('bench-usable'))
  }
  const gzip = scripts.reduce(
    (sum, path) => sum + gzipSync(readFileSync(`dist/web${path}`), { level: 9 }).length,
    0,
  )
  console.log(`${count} sessions, cold cache, median of ${LOADS} (worst)`)
  console.log(`  first contentful paint   ${both(paints)} ms`)
  console.log(`  rows painted             ${both(rows)} ms`)
  console.log(`  a search answered        ${both(usable)} ms`)
  console.log(`  JavaScript, gzip         ${(gzip / 1_024).toFixed(0)} KiB in ${scripts.length} file(s)`)
}

async function measureStreaming(page: Page): Promise<void> {
  const { session } = await test
    .client()
    .command('session/create', { cwd: test.codex.project, input: text('stream') })
  await page.goto(`${test.hub.url}/#session=${session.id}`)
  await page.waitForSelector('.agentMessage.inProgress')
  const started = performance.now()
  await page.evaluate(() => {
    const late: number[] = []
    Object.assign(globalThis, { late })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) late.push(entry.duration)
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
  })
  const events = await traced(browser, page, async () => {
    await page.focus('.composer textarea')
    await page.keyboard.type('This is typed while the answer above is still coming, a key every 40 ms.', {
      delay: 40,
    })
    const box = await page.locator('.timeline').boundingBox()
    if (box) await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    for (let step = 0; step < 80; step += 1) {
      await page.mouse.wheel(0, step < 40 ? -120 : 120)
      await page.waitForTimeout(25)
    }
  })
  const seconds = (performance.now() - started) / 1_000
  const isStreaming = (await page.$('.agentMessage.inProgress')) !== null
  const shown = await page.evaluate(
    () => document.querySelector('.agentMessage')?.textContent?.split(/\s+/).length ?? 0,
  )
  const late = await page.evaluate(() => (globalThis as unknown as { late: number[] }).late)
  const main = mainThread(events)
  const tasks = events.filter(
    (event) =>
      event.pid === main?.pid &&
      event.tid === main.tid &&
      event.name === 'RunTask' &&
      event.dur !== undefined,
  )
  const longest = tasks.map(({ dur = 0 }) => dur / 1_000)
  const frames = framesOf(events)
  const gaps = frames.presentedAt.slice(1).map((end, index) => end - (frames.presentedAt[index] ?? 0))
  console.log(
    `streaming ${(shown / seconds).toFixed(0)} words/s shown${isStreaming ? '' : ' (it ended early)'}, typing and scrolling for ${seconds.toFixed(1)} s`,
  )
  console.log(
    `  main thread busy         ${(longest.reduce((a, b) => a + b, 0) / seconds / 10).toFixed(0)} %`,
  )
  console.log(
    `  tasks over 50 ms         ${longest.filter((ms) => ms > 50).length} (longest ${Math.max(0, ...longest).toFixed(0)} ms)`,
  )
  console.log(
    `  frames                   ${(gaps.length / seconds).toFixed(0)} a second, ${frames.dropped} dropped; interval p50 ${at(gaps, 0.5)}, p95 ${at(gaps, 0.95)}, p99 ${at(gaps, 0.99)} ms`,
  )
  console.log(
    `  keys and wheel, to paint p95 ${at(late, 0.95)} ms of those over 16 (${late.length}), worst ${Math.max(0, ...late).toFixed(0)} ms`,
  )
}

async function traced(browser: Browser, page: Page, run: () => Promise<void>): Promise<TraceEvent[]> {
  await browser.startTracing(page, { categories: CATEGORIES })
  await run()
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  return trace.traceEvents
}

/** Frames that reached the screen, by their end in milliseconds, and those that were due and did not. */
function framesOf(events: readonly TraceEvent[]): { presentedAt: number[]; dropped: number } {
  const open = new Map<string, string>()
  const presentedAt: number[] = []
  let dropped = 0
  const reports = events.filter(({ name }) => name === 'PipelineReporter').toSorted((a, b) => a.ts - b.ts)
  for (const { ph, pid, id2, args, ts } of reports) {
    const key = `${pid}:${id2?.local}`
    if (ph === 'b') {
      const { state = '' } = (args as { frame_reporter?: { state?: string } }).frame_reporter ?? {}
      open.set(key, state)
      if (state === 'STATE_DROPPED') dropped += 1
    } else if (open.get(key)?.startsWith('STATE_PRESENTED')) presentedAt.push(ts / 1_000)
  }
  // One picture may be made of the work of two frames.
  const distinct = presentedAt
    .sort((a, b) => a - b)
    .filter((end, index, all) => end - (all[index - 1] ?? 0) > 2)
  return { presentedAt: distinct, dropped }
}

/** Of the page: the renderer's main thread with the most to do. */
function mainThread(events: readonly TraceEvent[]): TraceEvent | undefined {
  const busy = (thread: TraceEvent): number =>
    events.reduce(
      (sum, { pid, tid, dur = 0 }) => (pid === thread.pid && tid === thread.tid ? sum + dur : sum),
      0,
    )
  return events
    .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
    .toSorted((a, b) => busy(b) - busy(a))[0]
}

function inChunksOf(size: number, parts: readonly string[]): string[] {
  return Array.from({ length: Math.ceil(parts.length / size) }, (_, index) =>
    parts.slice(index * size, (index + 1) * size).join(''),
  )
}

function at(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)
}

function both(values: readonly number[]): string {
  return `${at(values, 0.5)} (${Math.max(...values).toFixed(0)})`
}
