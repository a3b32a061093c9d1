/** Everybody comes back at once: a laptop opened, a network that works again, a hub restarted. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Script } from '../../src/demo/scripted-model.ts'
import { isIdle, stateWhere, text } from '../../test/harness/watch.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { withHub } from '../parts/hub-child.ts'
import { cpuSeconds, forgetPeak, peakRssMb, rssMb } from '../parts/process-cost.ts'
import { Program } from '../parts/program.ts'
import type { ReturnersOrder, ReturnersReport } from '../programs/returners.ts'
import { atMost, type Outcome } from '../report/outcome.ts'
import { median, quantile } from '../report/statistics.ts'

const CLIENTS = 1_000
const WITHIN_MS = 1_000
const TURNS = 12

export const catchUp: Bench = {
  name: 'catch-up',
  title: 'Catch-up',
  about: `${CLIENTS} clients of one session lose their connections and come back within ${WITHIN_MS} ms, half with a cursor that is good, half with one of another epoch. The session holds ${TURNS} turns (about 60 KB) and streams 50 tokens a second all the while. All of them live in one process beside the hub's.`,
  run,
}

/** Turns of some thousand letters; then one that goes on for as long as the bench does. */
const script: Script = ({ lastUserText }) =>
  lastUserText === 'stream'
    ? [{ say: 'word '.repeat(50 * 300), pauseMs: 20 }]
    : [{ say: 'It is read twice and written once. '.repeat(140) }]

function run(options: BenchOptions): Promise<Outcome> {
  return withHub(options, { script }, async (hub) => {
    const client = hub.client()
    const { session } = await client.command('session/create', {
      cwd: hub.codex.project,
      input: text('tell'),
    })
    const sessionId = session.id
    const view = client.session(sessionId)
    for (let turn = 1; turn < TURNS; turn += 1) {
      await stateWhere(view, (state) => isIdle(state) && state.turns.length === turn)
      await client.command('session/send', { sessionId, input: text('tell') })
    }
    await stateWhere(view, (state) => isIdle(state) && state.turns.length === TURNS)
    await client.command('session/send', { sessionId, input: text('stream') })
    view.release()
    const returners = new Program<ReturnersOrder, ReturnersReport>('returners')
    const count = options.isShort ? CLIENTS / 5 : CLIENTS
    const all: number[] = []
    const caughtUp: number[] = []
    const stale: number[] = []
    const cpu: number[] = []
    const before = rssMb(hub.pid)
    const peaks: number[] = []
    try {
      await returners.ask({ kind: 'settle', address: hub.address, sessionId, count }, 'settled')
      const settled = rssMb(hub.pid)
      for (let round = 0; round < options.rounds; round += 1) {
        await delay(500)
        forgetPeak(hub.pid)
        const cpuBefore = cpuSeconds(hub.pid)
        const report = await returners.ask({ kind: 'return', withinMs: WITHIN_MS }, 'returned')
        cpu.push(cpuSeconds(hub.pid) - cpuBefore)
        peaks.push(peakRssMb(hub.pid))
        all.push(report.allMs)
        caughtUp.push(quantile(report.caughtUpMs, 0.99))
        stale.push(quantile(report.staleMs, 0.99))
        options.say(`${count} back in ${report.allMs.toFixed(0)} ms, peak ${peaks.at(-1)?.toFixed(0)} MB`)
      }
      return {
        figures: [
          { what: `${count} clients: all synchronized`, unit: 'ms', hub: all },
          { what: 'p99 of one with a good cursor', unit: 'ms', hub: caughtUp },
          { what: 'p99 of one with a stale cursor', unit: 'ms', hub: stale },
          { what: 'processor', unit: 's', hub: cpu },
          { what: 'memory before the first client', unit: 'MB', hub: [before] },
          { what: `memory with ${count} clients`, unit: 'MB', hub: [settled] },
          { what: 'peak memory while they come back', unit: 'MB', hub: peaks },
        ],
        aims: [
          atMost('all synchronized ≤ 3 s', median(all), 3_000, 'ms'),
          atMost(
            'memory bounded: the last round needs no more than the first + 10 %',
            ((peaks.at(-1) as number) / (peaks[0] as number)) * 100,
            110,
            '% of the first',
          ),
        ],
      }
    } finally {
      await returners.close()
    }
  })
}
