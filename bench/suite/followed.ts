/** What sessions of others cost while they are followed: many that were written a moment ago, some of which grow. */
import { appendFileSync, utimesSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, BenchOptions } from '../bench.ts'
import { appendTimes, saidLine } from '../parts/append-times.ts'
import { type HubChild, withHub } from '../parts/hub-child.ts'
import { cpuSeconds, rssMb } from '../parts/process-cost.ts'
import { threadIdOf, writeRollouts } from '../parts/rollouts.ts'
import { atMost, type Outcome } from '../report/outcome.ts'
import { median, quantile } from '../report/statistics.ts'

const FILES = 300
const GROWING = 20
const GROW_MS = 1_000
const FILE_BYTES = 100 * 1024
const APPENDS = 100
const SETTLE_MS = 3_000
const MEASURED_MS = 6_000

export const followed: Bench = {
  name: 'followed',
  title: 'Followed rollouts',
  about: `${FILES} rollouts of other programs that were all written within the last minute, so that each is followed; the baseline is a hub with one. First nothing happens, then ${GROWING} of them get a line each ${GROW_MS / 1_000} s, then lines are appended beside that to one that a client watches: from the write until the text is in the client.`,
  run,
}

interface Cost {
  readonly idleCpu: number
  readonly growingCpu: number
  readonly rss: number
  readonly ages: number[]
}

async function run(options: BenchOptions): Promise<Outcome> {
  const one = await costOf(options, 1, 0)
  options.say(`1 followed: ${one.rss.toFixed(0)} MB, ${one.idleCpu.toFixed(1)} % of a core`)
  const many = await costOf(options, FILES, GROWING)
  options.say(`${FILES} followed: ${many.rss.toFixed(0)} MB, ${many.idleCpu.toFixed(1)} % of a core`)
  const cpu = '% of one core'
  return {
    figures: [
      { what: `${FILES} followed: memory`, unit: 'MB', hub: [many.rss], baseline: [one.rss] },
      { what: 'nothing happens: processor', unit: cpu, hub: [many.idleCpu], baseline: [one.idleCpu] },
      { what: `${GROWING} grow: processor`, unit: cpu, hub: [many.growingCpu], baseline: [one.growingCpu] },
      { what: 'appended line to client (all appends)', unit: 'ms', hub: many.ages, baseline: one.ages },
    ],
    aims: [
      atMost('appended line to client: p50 ≤ 50 ms', median(many.ages), 50, 'ms'),
      atMost('appended line to client: p99 ≤ 100 ms', quantile(many.ages, 0.99), 100, 'ms'),
      atMost('memory ≤ 250 MB', many.rss, 250, 'MB'),
    ],
  }
}

function costOf(options: BenchOptions, files: number, growing: number): Promise<Cost> {
  let paths: string[] = []
  const before = async ({ home }: { home: string }): Promise<void> => {
    paths = writeRollouts(home, files, files * FILE_BYTES, files)
    for (const path of paths) utimesSync(path, new Date(), new Date())
  }
  // None may be over before it was measured.
  const config = { observedEndMs: 600_000 }
  return withHub(options, { script: () => [], config, before }, async (hub) => {
    await untilFollowed(hub, files)
    await delay(SETTLE_MS)
    const idleCpu = await processor(hub.pid)
    const grow = setInterval(() => {
      for (const path of paths.slice(-growing)) if (growing > 0) appendFileSync(path, saidLine('More.'))
    }, GROW_MS)
    try {
      const growingCpu = await processor(hub.pid)
      const ages = await appendTimes(hub, paths[0] as string, threadIdOf(0), APPENDS)
      return { idleCpu, growingCpu, ages, rss: rssMb(hub.pid) }
    } finally {
      clearInterval(grow)
    }
  })
}

async function untilFollowed(hub: HubChild, files: number): Promise<void> {
  const client = hub.client()
  for (;;) {
    const [home] = (await client.request('home/list', {})).homes
    if (home?.observed === files && home.waiting === 0) return
    await delay(50)
  }
}

async function processor(pid: number): Promise<number> {
  const before = cpuSeconds(pid)
  await delay(MEASURED_MS)
  return ((cpuSeconds(pid) - before) / (MEASURED_MS / 1_000)) * 100
}
