/** What the page costs, told by the browser's own trace. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../../test/harness/browser.ts'
import { makeHub, type TestHub } from '../../test/harness/hub.ts'
import { manySessions, writeLongSession } from '../../test/harness/seed.ts'
import { text } from '../../test/harness/watch.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { framesOf, mainThread, type TraceEvent, traced } from '../parts/trace.ts'
import { atMost, type Outcome } from '../report/outcome.ts'
import { median, quantile } from '../report/statistics.ts'

const ROOT = join(import.meta.dirname, '../..')
const SESSIONS = 2_000
const TOKENS_PER_SECOND = 500
const STREAM_SECONDS = 14
const LONG = 'ses_long'
const ITEMS = 10_000
const SCROLL_STEPS = 240

export const page: Bench = {
  name: 'page',
  title: 'The page',
  about: `In a real browser, cold cache: the first paint with ${SESSIONS.toLocaleString('en-US')} sessions in the list, the first rows, the first answer of its search. Then a person types and scrolls in a session of the real Codex that streams ${TOKENS_PER_SECOND} tokens a second, and scrolls back in one of ${ITEMS.toLocaleString('en-US')} items, whose older ones are fetched meanwhile. Of a browser without a graphics card frames are drawn by the processor.`,
  run,
}

const words = Array.from({ length: TOKENS_PER_SECOND * STREAM_SECONDS }, (_, index) =>
  index % 40 === 39 ? 'then.\n\n' : index % 11 === 10 ? '`code` ' : 'word ',
)

async function run(options: BenchOptions): Promise<Outcome> {
  execFileSync(process.execPath, ['scripts/build-web.ts', '--if-stale'], { cwd: ROOT, stdio: 'inherit' })
  const test = await makeHub({
    // Five tokens every 10 ms; a timer and a step of the model are some two milliseconds late.
    script: ({ lastUserText }) =>
      lastUserText === 'stream'
        ? [
            {
              say: words.join(''),
              chunks: inChunksOf(5, words),
              pauseMs: 1_000 / (TOKENS_PER_SECOND / 5) - 2,
            },
          ]
        : [{ say: 'Ready.' }],
    seed: (store) => {
      for (const session of manySessions(SESSIONS)) store.write({ kind: 'session', session })
      writeLongSession(store, LONG, ITEMS)
    },
  })
  const browser = await openBrowser()
  try {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      serviceWorkers: 'block',
    })
    const tab = await context.newPage()
    await tab.goto(`${test.hub.url}/#token=${test.hub.token}`)
    await tab.waitForSelector('[data-session]')
    const loads = await measureLoads(options, browser, tab, test)
    const streaming = await measureStreaming(browser, tab, test)
    const scrolling = await measureScrolling(browser, tab, test)
    return {
      figures: [
        { what: 'first contentful paint', unit: 'ms', hub: loads.paints },
        { what: 'rows painted', unit: 'ms', hub: loads.rows },
        { what: 'a search answered', unit: 'ms', hub: loads.usable },
        { what: 'JavaScript, compressed', unit: 'KiB', hub: [loads.gzipKib] },
        { what: 'streaming: words shown', unit: '/s', hub: [streaming.wordsPerSecond] },
        { what: 'streaming: main thread busy', unit: '%', hub: [streaming.busyPercent] },
        { what: 'streaming: tasks over 50 ms', unit: '', hub: [streaming.longTasks] },
        { what: 'streaming: longest task', unit: 'ms', hub: [streaming.longest] },
        { what: 'streaming: between frames, p95', unit: 'ms', hub: [streaming.gapP95] },
        { what: 'streaming: key to paint, p95 of those over 16 ms', unit: 'ms', hub: [streaming.keyP95] },
        { what: 'long session: between frames, p50', unit: 'ms', hub: [scrolling.gapP50] },
        { what: 'long session: between frames, p95', unit: 'ms', hub: [scrolling.gapP95] },
        { what: 'long session: main thread busy', unit: '%', hub: [scrolling.busyPercent] },
      ],
      aims: [
        atMost('first paint ≤ 1 s', median(loads.paints), 1_000, 'ms'),
        atMost('list usable ≤ 1.5 s', median(loads.usable), 1_500, 'ms'),
        atMost('no task over 50 ms while it streams', streaming.longest, 50, 'ms'),
        atMost('JavaScript ≤ 350 KiB, compressed', loads.gzipKib, 350, 'KiB'),
        atMost('key to paint p95 ≤ 100 ms while it streams', streaming.keyP95, 100, 'ms'),
        atMost('60 frames a second in a long session: p50 ≤ 17 ms', scrolling.gapP50, 17, 'ms'),
      ],
    }
  } finally {
    await browser.close()
    await test.close()
  }
}

async function measureLoads({ rounds, say }: BenchOptions, browser: Browser, page: Page, test: TestHub) {
  const wire = await page.context().newCDPSession(page)
  await wire.send('Network.setCacheDisabled', { cacheDisabled: true })
  const paints: number[] = []
  const rows: number[] = []
  const usable: number[] = []
  let scripts: string[] = []
  for (let load = 0; load < rounds; load += 1) {
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
  const bytes = scripts.reduce(
    (sum, path) => sum + gzipSync(readFileSync(join(ROOT, 'dist/web', path)), { level: 9 }).length,
    0,
  )
  say(`rows painted after ${median(rows).toFixed(0)} ms`)
  return { paints, rows, usable, gzipKib: bytes / 1_024 }
}

async function measureStreaming(browser: Browser, page: Page, test: TestHub) {
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
  const shown = await page.evaluate(
    () => document.querySelector('.agentMessage')?.textContent?.split(/\s+/).length ?? 0,
  )
  const late = await page.evaluate(() => (globalThis as unknown as { late: number[] }).late)
  const { tasksMs, gaps } = workOf(events)
  return {
    wordsPerSecond: shown / seconds,
    busyPercent: tasksMs.reduce((a, b) => a + b, 0) / seconds / 10,
    longTasks: tasksMs.filter((ms) => ms > 50).length,
    longest: Math.max(...tasksMs),
    gapP95: quantile(gaps, 0.95),
    keyP95: late.length === 0 ? 0 : quantile(late, 0.95),
  }
}

/** Back through a session of which a part is here; what is older is fetched on the way. */
async function measureScrolling(browser: Browser, page: Page, test: TestHub) {
  await page.goto(`${test.hub.url}/#session=${LONG}`)
  await page.waitForSelector('.place')
  const started = performance.now()
  // A step in every frame that the browser gives: what is between two of them is what the page takes.
  const events = await traced(browser, page, () =>
    page.evaluate(async (steps) => {
      const timeline = document.querySelector('.timeline') as HTMLElement
      for (let step = 0; step < steps; step += 1) {
        timeline.scrollBy(0, -90)
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
    }, SCROLL_STEPS),
  )
  const seconds = (performance.now() - started) / 1_000
  const { tasksMs, gaps } = workOf(events)
  return {
    gapP50: quantile(gaps, 0.5),
    gapP95: quantile(gaps, 0.95),
    busyPercent: tasksMs.reduce((a, b) => a + b, 0) / seconds / 10,
  }
}

/** How long each task of the page's main thread was on the processor, and how far frames were apart. Milliseconds. */
function workOf(events: readonly TraceEvent[]): { tasksMs: number[]; gaps: number[] } {
  const main = mainThread(events)
  const tasks = events.filter(
    ({ pid, tid, name, dur }) =>
      pid === main?.pid && tid === main.tid && name === 'RunTask' && dur !== undefined,
  )
  const { presentedAt } = framesOf(events)
  return {
    tasksMs: tasks.map(({ dur = 0, tdur = dur }) => tdur / 1_000),
    gaps: presentedAt.slice(1).map((end, index) => end - (presentedAt[index] ?? 0)),
  }
}

function inChunksOf(size: number, parts: readonly string[]): string[] {
  return Array.from({ length: Math.ceil(parts.length / size) }, (_, index) =>
    parts.slice(index * size, (index + 1) * size).join(''),
  )
}
