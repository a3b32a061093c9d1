/** What sessions cost that nobody uses: dormant, parked, and open without work. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Script } from '../../src/demo/scripted-model.ts'
import { manySessions } from '../../test/harness/seed.ts'
import { isIdle, stateWhere, text } from '../../test/harness/watch.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { withHub } from '../parts/hub-child.ts'
import { cpuSeconds, pssMb, rssMb } from '../parts/process-cost.ts'
import { seedFolder } from '../parts/seeded.ts'
import { atMost, type Outcome } from '../report/outcome.ts'
import { median } from '../report/statistics.ts'

const DORMANT = 2_000
const PARKED = 20
const LIVE = 5
const SETTLE_MS = 4_000
const script: Script = () => [{ say: 'Hello.' }]

export const idleCost: Bench = {
  name: 'idle-cost',
  title: 'Idle cost',
  about: `A hub that was left alone for ${SETTLE_MS / 1_000} s: empty; with ${DORMANT} dormant sessions; with ${PARKED} sessions that had one turn and were put away; with ${LIVE} open sessions that do nothing. The baseline is the empty hub of the same run. Memory of the children is PSS: what they share is counted once.`,
  run,
}

interface Rest {
  readonly rss: number[]
  readonly cpu: number[]
}

async function run(options: BenchOptions): Promise<Outcome> {
  const empty: Rest = { rss: [], cpu: [] }
  const dormant: Rest = { rss: [], cpu: [] }
  for (let round = 0; round < Math.min(3, options.rounds); round += 1) {
    await withHub(options, { script }, async (hub) => {
      await rest(hub.pid, empty)
      await hub.stop()
      await seedFolder(hub.folder, (store) => {
        for (const session of manySessions(DORMANT)) store.write({ kind: 'session', session })
      })
      await hub.start()
      await rest(hub.pid, dormant)
    })
    options.say(
      `empty ${empty.rss.at(-1)?.toFixed(0)} MB, ${DORMANT} dormant ${dormant.rss.at(-1)?.toFixed(0)} MB`,
    )
  }
  const parked = await parkedSessions(options)
  const live = await liveSessions(options)
  const more = median(dormant.rss) - median(empty.rss)
  return {
    figures: [
      { what: 'empty: memory', unit: 'MB', hub: empty.rss },
      { what: 'empty: processor', unit: '% of one core', hub: empty.cpu },
      { what: `${DORMANT} dormant: memory`, unit: 'MB', hub: dormant.rss, baseline: empty.rss },
      { what: `${DORMANT} dormant: processor`, unit: '% of one core', hub: dormant.cpu },
      { what: `${PARKED} parked: memory`, unit: 'MB', hub: [parked.rss], baseline: empty.rss },
      { what: `${PARKED} parked: processes`, unit: '', hub: [parked.processes] },
      { what: `${LIVE} live: memory of the hub`, unit: 'MB', hub: [live.rss], baseline: empty.rss },
      { what: `${LIVE} live: memory of each Codex (PSS)`, unit: 'MB', hub: live.children },
      { what: `${LIVE} live: processor of the hub`, unit: '% of one core', hub: [live.cpu] },
    ],
    aims: [
      atMost(`${DORMANT} dormant: ≤ 60 MB over empty`, more, 60, 'MB'),
      atMost('a parked session has no process', parked.processes, 0, ''),
    ],
  }
}

async function rest(pid: number, into: Rest): Promise<void> {
  await delay(SETTLE_MS)
  const before = cpuSeconds(pid)
  await delay(SETTLE_MS)
  into.cpu.push(((cpuSeconds(pid) - before) / (SETTLE_MS / 1_000)) * 100)
  into.rss.push(rssMb(pid))
}

function parkedSessions(options: BenchOptions): Promise<{ rss: number; processes: number }> {
  return withHub(options, { script, config: { parkAfterMs: 1_000 } }, async (hub) => {
    const client = hub.client()
    for (let index = 0; index < PARKED; index += 1) {
      const { session } = await client.command('session/create', {
        cwd: hub.codex.project,
        input: text('hello'),
      })
      const view = client.session(session.id)
      await stateWhere(view, ({ summary }) => summary.phase === 'parked', 120_000)
      view.release()
    }
    await delay(SETTLE_MS)
    const { processes } = await client.request('hub/status', {})
    options.say(`${PARKED} parked: ${rssMb(hub.pid).toFixed(0)} MB`)
    return {
      rss: rssMb(hub.pid),
      processes: processes.filter(({ sessionId }) => sessionId !== null).length,
    }
  })
}

function liveSessions(options: BenchOptions): Promise<{ rss: number; cpu: number; children: number[] }> {
  return withHub(options, { script, config: { parkAfterMs: 0 } }, async (hub) => {
    const client = hub.client()
    for (let index = 0; index < LIVE; index += 1) {
      const { session } = await client.command('session/create', {
        cwd: hub.codex.project,
        input: text('hello'),
      })
      await stateWhere(client.session(session.id), isIdle, 60_000)
    }
    const at: Rest = { rss: [], cpu: [] }
    await rest(hub.pid, at)
    const { processes } = await client.request('hub/status', {})
    const children = processes.flatMap(({ sessionId, pid }) => (sessionId === null ? [] : [pssMb(pid)]))
    options.say(`${LIVE} live: ${at.rss[0]?.toFixed(0)} MB, each Codex ${median(children).toFixed(0)} MB`)
    return { rss: at.rss[0] as number, cpu: at.cpu[0] as number, children }
  })
}
