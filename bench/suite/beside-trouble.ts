/** What a client feels of others that do not read, or ask without end. */
import type { Script } from '../../src/demo/scripted-model.ts'
import { OUTBOX_LIMITS } from '../../src/server/client/outbox.ts'
import { text } from '../../test/harness/watch.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { forgetPeak, peakRssMb } from '../parts/process-cost.ts'
import { Program } from '../parts/program.ts'
import { openHubStage } from '../parts/stage.ts'
import { stampedAnswer } from '../parts/stamped-text.ts'
import type { TroubleOrder, TroubleReport } from '../programs/trouble.ts'
import { atMost, type Outcome } from '../report/outcome.ts'
import { median, quantile } from '../report/statistics.ts'

const CLIENTS = 10
const BUSY = 20
const PAUSE_MS = 10
/** 8 KB each; so many at full speed fill every buffer between the hub and a client that reads nothing. */
const FLOOD = Array.from({ length: 1_500 }, (_, index) => `${index} ${'x'.repeat(8_000)}\n`)
const NOISE = Array.from({ length: 400 }, (_, index) => `${index} ${'x'.repeat(1_000)}\n`)

export const besideTrouble: Bench = {
  name: 'beside-trouble',
  title: 'Latency beside trouble',
  about: `${CLIENTS} clients follow a session of 100 tokens a second, as in the paced fan-out. By turns they are alone, and beside one client that reads nothing (its buffers filled before) and ${BUSY} that read a second session of 100 KB a second and ask for the list every 100 ms. The baseline is the same hub without the trouble.`,
  run,
}

interface Side {
  readonly p50: number[]
  readonly p99: number[]
  readonly peakMb: number[]
}

/** What the noisy session says: to fill the buffers, and while others are measured. */
const noisy: Script = ({ lastUserText }) => {
  if (lastUserText === 'flood') return [{ say: FLOOD.join(''), chunks: FLOOD }]
  if (lastUserText === 'noise') return [{ say: NOISE.join(''), chunks: NOISE, pauseMs: PAUSE_MS }]
  return [{ say: 'Hello.' }]
}

async function run(options: BenchOptions): Promise<Outcome> {
  const empty = (): Side => ({ p50: [], p99: [], peakMb: [] })
  const alone = empty()
  const beside = empty()
  const stage = await openHubStage(options, CLIENTS, noisy)
  const trouble = new Program<TroubleOrder, TroubleReport>('trouble')
  try {
    const { hub, sessionId } = stage
    const client = hub.client('noise')
    const { session } = await client.command('session/create', {
      cwd: hub.codex.project,
      input: text('hello'),
    })
    const noise = session.id
    const play = async (side: Side): Promise<void> => {
      forgetPeak(stage.pid)
      const { latenciesMs } = await stage.play(stampedAnswer(options.isShort ? 100 : 500, PAUSE_MS))
      side.p50.push(quantile(latenciesMs, 0.5))
      side.p99.push(quantile(latenciesMs, 0.99))
      side.peakMb.push(peakRssMb(stage.pid))
    }
    const turn = async (prompt: string): Promise<void> => {
      await client.command('session/send', { sessionId: noise, input: text(prompt) })
    }
    const ended = () => hub.untilIdle(noise)
    await ended()
    for (let round = 0; round < options.rounds; round += 1) {
      await play(alone)
      const seats = { address: hub.address, sessionIds: [noise, sessionId] }
      await trouble.ask({ kind: 'stall', ...seats, count: 1 }, 'begun')
      await turn('flood')
      await ended()
      await trouble.ask({ kind: 'begin', ...seats, count: BUSY }, 'begun')
      await turn('noise')
      await play(beside)
      const { asked } = await trouble.ask({ kind: 'end' }, 'ended')
      await ended()
      options.say(
        `p99 alone ${alone.p99.at(-1)?.toFixed(1)} ms, beside trouble ${beside.p99.at(-1)?.toFixed(1)} ms (${asked} questions)`,
      )
    }
  } finally {
    await trouble.close()
    await stage.close()
  }
  const more = (median(beside.p99) / median(alone.p99) - 1) * 100
  const bound = OUTBOX_LIMITS.hardBytes / 2 ** 20
  return {
    figures: [
      { what: 'age p50', unit: 'ms', hub: beside.p50, baseline: alone.p50 },
      { what: 'age p99', unit: 'ms', hub: beside.p99, baseline: alone.p99 },
      { what: 'peak memory', unit: 'MB', hub: beside.peakMb, baseline: alone.peakMb },
    ],
    aims: [
      atMost('p99 changes by less than 10 %', more, 10, '% more'),
      atMost(
        `memory grows by less than the per-client bound (${bound} MB)`,
        median(beside.peakMb) - median(alone.peakMb),
        bound,
        'MB',
      ),
    ],
  }
}
