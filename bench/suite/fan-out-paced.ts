/** One session that streams as a model does, token by token: how old each token is when a client holds it. */
import type { Bench, BenchOptions } from '../bench.ts'
import { openCodexStage, openHubStage, type Stage } from '../parts/stage.ts'
import { stampedAnswer } from '../parts/stamped-text.ts'
import { type Aim, atMost, type Figure, type Outcome } from '../report/outcome.ts'
import { median, quantile } from '../report/statistics.ts'

const SIZES = [1, 10, 100]
const PAUSE_MS = 10

export const fanOutPaced: Bench = {
  name: 'fan-out-paced',
  title: 'Fan-out, paced',
  about:
    'The same with 500 tokens at 100 a second. Each token carries the moment at which the scripted model sent it, and its age is taken when a client has parsed it: through Codex alone, and through Codex and the hub. The difference is the hub. Each round gives one p50 and one p99 over all tokens and clients.',
  run,
}

interface Side {
  readonly p50: number[]
  readonly p99: number[]
  readonly cpu: number[]
}

async function run(options: BenchOptions): Promise<Outcome> {
  const figures: Figure[] = []
  const aims: Aim[] = []
  for (const size of SIZES) {
    const { hub, codex } = await measure(options, size)
    const clients = `${size} ${size === 1 ? 'client' : 'clients'}`
    figures.push(
      { what: `${clients}: age p50`, unit: 'ms', hub: hub.p50, baseline: codex.p50 },
      { what: `${clients}: age p99`, unit: 'ms', hub: hub.p99, baseline: codex.p99 },
      { what: `${clients}: processor of the server`, unit: 's', hub: hub.cpu, baseline: codex.cpu },
    )
    const more = median(hub.p50) - median(codex.p50)
    aims.push(atMost(`${clients}: p50 ≤ Codex + 1 ms`, more, 1, 'ms more'))
    if (size === 100) aims.push(atMost('100 clients: p99 ≤ 20 ms', median(hub.p99), 20, 'ms'))
  }
  return { figures, aims }
}

async function measure(options: BenchOptions, size: number): Promise<{ hub: Side; codex: Side }> {
  const tokens = options.isShort ? 100 : 500
  const stages: Stage[] = []
  const empty = (): Side => ({ p50: [], p99: [], cpu: [] })
  const sides = { hub: empty(), codex: empty() }
  try {
    stages.push(await openHubStage(options, size))
    stages.push(await openCodexStage(size))
    for (let round = 0; round < options.rounds; round += 1) {
      for (const [index, stage] of stages.entries()) {
        const name = index === 0 ? 'hub' : 'codex'
        const { latenciesMs, cpuSeconds } = await stage.play(stampedAnswer(tokens, PAUSE_MS))
        const [p50, p99] = [quantile(latenciesMs, 0.5), quantile(latenciesMs, 0.99)]
        sides[name].p50.push(p50)
        sides[name].p99.push(p99)
        sides[name].cpu.push(cpuSeconds)
        options.say(`${size} clients: ${name} p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`)
      }
    }
    return sides
  } finally {
    for (const stage of stages) await stage.close()
  }
}
