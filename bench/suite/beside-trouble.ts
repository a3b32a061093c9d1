/** What a client feels of others that do not read, or ask without end. */
import type { Script } from '../../src/demo/scripted-model.ts'
import { OUTBOX_LIMITS } from '../../src/server/client/outbox.ts'
import { text } from '../../test/harness/watch.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { forgetPeak, peakRssMb } from '../parts/process-cost.ts'
import { Program } from '../parts/program.ts'
import { type HubStage, openHubStage } from '../parts/stage.ts'
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
  about: `${CLIENTS} clients follow a session of 100 tokens a second, as in the paced fan-out, and a second session of the hub speaks 100 KB a second. By turns nobody follows that one, and there are a client that reads nothing (its buffers filled before) and ${BUSY} that read both sessions and ask for the list every 100 ms. The baseline is the same hub without these clients. In a third kind of round the same clients trouble another hub of the same machine: what that costs is the machine's to answer for, not the hub's.`,
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
  const [alone, elsewhere, beside] = [empty(), empty(), empty()]
  const trouble = new Program<TroubleOrder, TroubleReport>('trouble')
  const places: Place[] = []
  try {
    const here = await openPlace(options, CLIENTS)
    places.push(here)
    const there = await openPlace(options, 1)
    places.push(there)
    const answer = () => stampedAnswer(options.isShort ? 100 : 500, PAUSE_MS)
    const play = async (side: Side, troubled: Place | null): Promise<void> => {
      forgetPeak(here.stage.pid)
      const busy = troubled ?? here
      await busy.renew()
      const seats = { address: busy.stage.hub.address, sessionIds: [busy.noiseId, busy.stage.sessionId] }
      if (troubled) await trouble.ask({ kind: 'stall', ...seats, count: 1 }, 'begun')
      await busy.say('flood')
      await busy.untilSilent()
      if (troubled) await trouble.ask({ kind: 'begin', ...seats, count: BUSY }, 'begun')
      await busy.say('noise')
      const other = troubled === there ? there.stage.play(answer()) : null
      const { latenciesMs } = await here.stage.play(answer())
      side.p50.push(quantile(latenciesMs, 0.5))
      side.p99.push(quantile(latenciesMs, 0.99))
      side.peakMb.push(peakRssMb(here.stage.pid))
      if (troubled) await trouble.ask({ kind: 'end' }, 'ended')
      await other
      await busy.untilSilent()
    }
    for (let round = 0; round < options.rounds; round += 1) {
      await play(alone, null)
      await play(elsewhere, there)
      await play(beside, here)
      const [none, others, own] = [alone, elsewhere, beside].map(({ p99 }) => p99.at(-1)?.toFixed(1))
      options.say(`p99 alone ${none} ms, trouble at another hub ${others} ms, at this one ${own} ms`)
    }
  } finally {
    await trouble.close()
    for (const { stage } of places) await stage.close()
  }
  return outcomeOf(alone, elsewhere, beside)
}

/** A hub with a session that is measured and one that makes noise. */
interface Place {
  readonly stage: HubStage
  readonly noiseId: string
  /** Have a new session make the noise: Codex sends the model all that one has said, and this process would keep it. */
  renew(): Promise<void>
  say(prompt: 'flood' | 'noise'): Promise<void>
  untilSilent(): Promise<void>
}

async function openPlace(options: BenchOptions, clients: number): Promise<Place> {
  const stage = await openHubStage(options, clients, noisy)
  const { hub } = stage
  const client = hub.client('noise')
  let noiseId = ''
  return {
    stage,
    get noiseId() {
      return noiseId
    },
    renew: async () => {
      if (noiseId !== '') await client.command('session/end', { sessionId: noiseId })
      hub.codex.model.requests.length = 0
      const cwd = hub.codex.project
      const { session } = await client.command('session/create', { cwd, input: text('hello') })
      noiseId = session.id
      await hub.untilIdle(noiseId)
    },
    say: async (prompt) => {
      await client.command('session/send', { sessionId: noiseId, input: text(prompt) })
    },
    untilSilent: () => hub.untilIdle(noiseId),
  }
}

function outcomeOf(alone: Side, elsewhere: Side, beside: Side): Outcome {
  const more = (side: Side, than: Side) => (median(side.p99) / median(than.p99) - 1) * 100
  const bound = OUTBOX_LIMITS.hardBytes / 2 ** 20
  return {
    figures: [
      { what: 'age p50', unit: 'ms', hub: beside.p50, baseline: alone.p50 },
      { what: 'age p99', unit: 'ms', hub: beside.p99, baseline: alone.p99 },
      { what: 'age p99, the trouble at another hub', unit: 'ms', hub: elsewhere.p99, baseline: alone.p99 },
      { what: 'peak memory', unit: 'MB', hub: beside.peakMb, baseline: alone.peakMb },
    ],
    aims: [
      atMost('p99 changes by less than 10 %', more(beside, alone), 10, '% more'),
      atMost('of that the hub has to answer for', more(beside, elsewhere), 10, '% more'),
      atMost(
        `memory grows by less than the per-client bound (${bound} MB)`,
        median(beside.peakMb) - median(alone.peakMb),
        bound,
        'MB',
      ),
    ],
  }
}
