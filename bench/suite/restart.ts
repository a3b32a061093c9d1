/** A hub that comes back: to years of sessions, and to sessions that went on without it. */

import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Script } from '../../src/demo/scripted-model.ts'
import { makeCodexHome } from '../../test/harness/codex-home.ts'
import { manySessions, writeLongSession } from '../../test/harness/seed.ts'
import { stateWhere, text } from '../../test/harness/watch.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { HubChild, withHub } from '../parts/hub-child.ts'
import { HubWire } from '../parts/hub-wire.ts'
import { instant } from '../parts/instant.ts'
import { peakRssMb } from '../parts/process-cost.ts'
import { seedFolder } from '../parts/seeded.ts'
import { atMost, type Outcome } from '../report/outcome.ts'
import { median } from '../report/statistics.ts'

const SESSIONS = 2_000
const ITEMS = 1_000_000
const RUNNING = 10

export const restart: Bench = {
  name: 'restart',
  title: 'Restart',
  about: `A hub is started on a folder with ${SESSIONS} sessions and ${ITEMS.toLocaleString('en-US')} items: from the start of its process until it listens, and, for a client that is connected, from \`sessions/subscribe\` until \`synchronized\`. Baseline: opening the same database and selecting the same rows, in a process that runs. Then a hub is killed with \`kill -9\` while ${RUNNING} turns run, and started again: until a client has seen new text of every one of them.`,
  run,
}

async function run(options: BenchOptions): Promise<Outcome> {
  const whole = await wholeFolder(options)
  const live = await liveAgain(options)
  const items = (options.isShort ? ITEMS / 10 : ITEMS).toLocaleString('en-US')
  return {
    figures: [
      { what: `${SESSIONS} sessions, ${items} items: ready`, unit: 'ms', hub: whole.ready },
      { what: 'the list, to a client', unit: 'ms', hub: whole.list, baseline: whole.bareList },
      { what: 'peak memory', unit: 'MB', hub: whole.peak },
      {
        what: `${RUNNING} running turns: live again after the hub listens`,
        unit: 'ms',
        hub: live.afterReady,
      },
      {
        what: `${RUNNING} running turns: live again after the hub was started`,
        unit: 'ms',
        hub: live.afterStart,
      },
    ],
    aims: [
      atMost('ready ≤ 700 ms', median(whole.ready), 700, 'ms'),
      atMost('list snapshot ≤ 50 ms', median(whole.list), 50, 'ms'),
      atMost('running turns live again ≤ 1 s', median(live.afterStart), 1_000, 'ms'),
    ],
  }
}

interface Whole {
  readonly ready: number[]
  readonly list: number[]
  readonly bareList: number[]
  readonly peak: number[]
}

async function wholeFolder(options: BenchOptions): Promise<Whole> {
  const codex = await makeCodexHome({ script: () => [{ say: 'Hello.' }] })
  const hub = new HubChild({ build: options.build, codex })
  const times: Whole = { ready: [], list: [], bareList: [], peak: [] }
  try {
    const began = instant()
    await seed(hub.folder, options.isShort ? ITEMS / 10 : ITEMS)
    options.say(`the folder was filled in ${((instant() - began) / 1_000).toFixed(0)} s`)
    for (let round = 0; round < options.rounds; round += 1) {
      times.bareList.push(bareList(join(hub.folder, 'hub.sqlite')))
      times.ready.push(await hub.start())
      const wire = await HubWire.open(hub.address)
      const asked = instant()
      await wire.follow('sessions', {})
      times.list.push(instant() - asked)
      times.peak.push(peakRssMb(hub.pid))
      wire.close()
      await hub.stop()
      options.say(`ready ${times.ready.at(-1)?.toFixed(0)} ms, list ${times.list.at(-1)?.toFixed(0)} ms`)
    }
    return times
  } finally {
    await hub.close()
    await codex.close()
  }
}

function seed(folder: string, items: number): Promise<void> {
  return seedFolder(folder, async (store) => {
    for (const session of manySessions(SESSIONS)) {
      writeLongSession(store, session.summary.id, items / SESSIONS)
      store.write({ kind: 'session', session })
      await store.flush()
    }
  })
}

function bareList(path: string): number {
  const began = instant()
  const database = new Database(path, { readonly: true })
  const rows = database.prepare('select summary from sessions order by updated_at desc').all()
  if (rows.length !== SESSIONS) throw new Error(`${rows.length} sessions are in the database.`)
  database.close()
  return instant() - began
}

async function liveAgain(options: BenchOptions): Promise<{ afterReady: number[]; afterStart: number[] }> {
  // A word every 50 ms, for longer than any round takes.
  const script: Script = () => [{ say: 'word '.repeat(20 * 120), pauseMs: 50 }]
  const times = { afterReady: [] as number[], afterStart: [] as number[] }
  await withHub(options, { script }, async (hub) => {
    const first = hub.client()
    const ids: string[] = []
    for (let index = 0; index < RUNNING; index += 1) {
      const { session } = await first.command('session/create', { cwd: hub.codex.project, input: text('go') })
      await stateWhere(first.session(session.id), ({ items }) => isSpeaking(items), 60_000)
      ids.push(session.id)
    }
    for (let round = 0; round < options.rounds; round += 1) {
      await hub.kill()
      const began = instant()
      const readyMs = await hub.start()
      await Promise.all(ids.map((sessionId) => heardAgain(hub, sessionId)))
      times.afterStart.push(instant() - began)
      times.afterReady.push(instant() - began - readyMs)
      options.say(`${RUNNING} turns live again ${times.afterStart.at(-1)?.toFixed(0)} ms after the start`)
    }
  })
  return times
}

const isSpeaking = (items: readonly { readonly type: string }[]): boolean =>
  items.at(-1)?.type === 'agentMessage'

/** Resolves with the first text that comes by itself. */
async function heardAgain(hub: HubChild, sessionId: string): Promise<void> {
  const wire = await HubWire.open(hub.address)
  const heard = Promise.withResolvers<void>()
  wire.onTold = ({ method, params }) => {
    const deltas = (params.deltas ?? []) as { op: string }[]
    if (method === 'session/delta' && deltas.some(({ op }) => op === 'append')) heard.resolve()
  }
  await wire.call('session/subscribe', { sessionId })
  await heard.promise
  wire.close()
}
