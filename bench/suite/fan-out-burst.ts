/** One session that streams as fast as Codex can, to more and more clients. */
import type { Bench, BenchOptions } from '../bench.ts'
import { openCodexStage, openHubStage, type Played, type Stage } from '../parts/stage.ts'
import { burstText } from '../parts/stamped-text.ts'
import { type Aim, atLeast, atMost, type Figure, type Outcome } from '../report/outcome.ts'
import { median } from '../report/statistics.ts'

const TOKENS = 2_000
const SIZES = [1, 10, 100, 500]
/** Codex takes most of a minute to serve so many once. */
const ONCE_FROM = 500

interface Side {
  readonly rounds: Played[]
  peakMb: number
}

export const fanOutBurst: Bench = {
  name: 'fan-out-burst',
  title: 'Fan-out, burst',
  about: `One session streams ${TOKENS} tokens at full speed; each client parses every message and puts the text together. Time runs from the prompt until the last client holds the whole text (compared with what was said); processor time is that of the serving process alone. Baseline: \`codex app-server --listen ws://\` serving the same scripted turn to the same clients.`,
  run,
}

async function run(options: BenchOptions): Promise<Outcome> {
  const figures: Figure[] = []
  const aims: Aim[] = []
  for (const size of options.isShort ? SIZES.slice(0, 3) : SIZES) {
    const { hub, codex } = await measure(options, size)
    const clients = `${size} ${size === 1 ? 'client' : 'clients'}`
    const ms = { hub: hub.rounds.map((each) => each.ms), codex: codex.rounds.map((each) => each.ms) }
    const cpu = {
      hub: hub.rounds.map((each) => each.cpuSeconds),
      codex: codex.rounds.map((each) => each.cpuSeconds),
    }
    figures.push(
      { what: `${clients}: time until all hold the text`, unit: 'ms', hub: ms.hub, baseline: ms.codex },
      { what: `${clients}: processor`, unit: 's', hub: cpu.hub, baseline: cpu.codex },
      { what: `${clients}: peak memory`, unit: 'MB', hub: [hub.peakMb], baseline: [codex.peakMb] },
    )
    if (size === 1) {
      const ratio = median(ms.hub) / median(ms.codex)
      aims.push(atMost('1 client: no slower than Codex', ratio, 1, 'of its time'))
    }
    if (size === 100) {
      aims.push(
        atLeast('100 clients: ≥ 10 times faster', median(ms.codex) / median(ms.hub), 10, 'times'),
        atLeast('100 clients: ≥ 16 times less processor', median(cpu.codex) / median(cpu.hub), 16, 'times'),
        atMost('100 clients: hub RSS ≤ 150 MB', hub.peakMb, 150, 'MB'),
      )
    }
  }
  return { figures, aims }
}

async function measure(options: BenchOptions, size: number): Promise<{ hub: Side; codex: Side }> {
  const stages: Stage[] = []
  const sides = { hub: { rounds: [], peakMb: 0 } as Side, codex: { rounds: [], peakMb: 0 } as Side }
  try {
    const hub = await openHubStage(options, size)
    stages.push(hub)
    const codex = await openCodexStage(size)
    stages.push(codex)
    const { text, tokens } = burstText(TOKENS)
    // By turns, so that what else the machine does strikes both.
    for (let round = 0; round < options.rounds; round += 1) {
      const mine = await hub.play({ say: text, chunks: tokens }, text)
      sides.hub.rounds.push(mine)
      options.say(
        `${size} clients: hub ${mine.ms.toFixed(0)} ms, ${mine.cpuSeconds.toFixed(2)} s CPU, ${mine.messages} messages`,
      )
      if (round > 0 && size >= ONCE_FROM) continue
      const theirs = await codex.play({ say: text, chunks: tokens }, text)
      sides.codex.rounds.push(theirs)
      options.say(
        `${size} clients: codex ${theirs.ms.toFixed(0)} ms, ${theirs.cpuSeconds.toFixed(2)} s CPU, ${theirs.messages} messages`,
      )
    }
    sides.hub.peakMb = hub.peakRssMb()
    sides.codex.peakMb = codex.peakRssMb()
    return sides
  } finally {
    for (const stage of stages) await stage.close()
  }
}
