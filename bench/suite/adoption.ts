/** What others' sessions cost the hub as a whole. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, BenchOptions } from '../bench.ts'
import { appendTimes } from '../parts/append-times.ts'
import { type HubChild, withHub } from '../parts/hub-child.ts'
import { instant } from '../parts/instant.ts'
import { peakRssMb, rssMb } from '../parts/process-cost.ts'
import { threadIdOf, writeRollouts } from '../parts/rollouts.ts'
import { atMost, type Outcome } from '../report/outcome.ts'
import { median, quantile } from '../report/statistics.ts'

const USUAL = { files: 2_000, mb: 400, appends: 200 }
const LONG = { files: 10_000, mb: 2_000, appends: 400 }
const SHORT = { files: 200, mb: 20, appends: 50 }
const PAGE = 50

export const adoption: Bench = {
  name: 'adoption',
  title: 'Adoption',
  about: `A first and a later start of the hub on a home with ${USUAL.files} rollouts of other programs (${LONG.files} with \`--long\`): until the list has its first page, and until every one is known by name. Then lines are appended to one that a client watches: from the write until the text is in the client.`,
  run,
}

interface Start {
  readonly usableMs: number
  readonly wholeMs: number
  readonly rss: number
  readonly peak: number
}

async function run(options: BenchOptions): Promise<Outcome> {
  const size = options.isLong ? LONG : options.isShort ? SHORT : USUAL
  let paths: string[] = []
  const before = async ({ home }: { home: string }) => {
    paths = writeRollouts(home, size.files, size.mb * 2 ** 20)
  }
  return withHub(options, { script: () => [], before }, async (hub) => {
    await hub.stop()
    // On a folder that no hub has seen: the first start is measured, too.
    const starts: Start[] = []
    for (let round = 0; round < 2; round += 1) {
      const fresh = round === 0 ? await hub.startAnew() : await hub.start()
      starts.push(await untilWhole(hub, size.files, instant() - fresh))
      const { usableMs, wholeMs } = starts.at(-1) as Start
      options.say(
        `start ${round + 1}: list after ${usableMs.toFixed(0)} ms, all after ${wholeMs.toFixed(0)} ms`,
      )
      if (round === 0) await hub.stop()
    }
    const path = paths.at(-1) as string
    const ages = await appendTimes(hub, path, threadIdOf(size.files - 1), size.appends)
    const [first, later] = starts as [Start, Start]
    const usableMs = Math.max(first.usableMs, later.usableMs)
    const peak = Math.max(first.peak, later.peak)
    return {
      figures: [
        { what: 'first start: first page of the list', unit: 'ms', hub: [first.usableMs] },
        { what: 'first start: all known', unit: 'ms', hub: [first.wholeMs] },
        { what: 'first start: peak memory', unit: 'MB', hub: [first.peak] },
        { what: 'later start: first page of the list', unit: 'ms', hub: [later.usableMs] },
        { what: 'later start: all known', unit: 'ms', hub: [later.wholeMs] },
        { what: 'later start: memory', unit: 'MB', hub: [later.rss] },
        { what: 'appended line to client (all appends)', unit: 'ms', hub: ages },
      ],
      aims: [
        atMost('appended line to client: p50 ≤ 50 ms', median(ages), 50, 'ms'),
        atMost('appended line to client: p99 ≤ 100 ms', quantile(ages, 0.99), 100, 'ms'),
        atMost('first page of the list ≤ 1 s, at the first start and later', usableMs, 1_000, 'ms'),
        atMost('memory ≤ 250 MB, at its peak in the first start and later', peak, 250, 'MB'),
      ],
    }
  })
}

async function untilWhole(hub: HubChild, files: number, began: number): Promise<Start> {
  const client = hub.client()
  let usableMs = 0
  for (;;) {
    const { total } = await client.request('session/list', { limit: PAGE })
    if (usableMs === 0 && total >= Math.min(PAGE, files)) usableMs = instant() - began
    const { homes } = await client.request('home/list', {})
    const [home] = homes
    if (usableMs > 0 && home?.threads === files && home.waiting === 0) break
    await delay(20)
  }
  return { usableMs, wholeMs: instant() - began, rss: rssMb(hub.pid), peak: peakRssMb(hub.pid) }
}
