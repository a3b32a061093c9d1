/** Everything at once: hundreds of sessions that all stream. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { CodexHome } from '../../test/harness/codex-home.ts'
import { isIdle, stateWhere, text } from '../../test/harness/watch.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { type HubChild, withHub } from '../parts/hub-child.ts'
import { HubWire } from '../parts/hub-wire.ts'
import { loopDelayP99Ms } from '../parts/loop-delay.ts'
import { cpuSeconds, rssMb } from '../parts/process-cost.ts'
import { Program } from '../parts/program.ts'
import type { ReaderOrder, ReaderReport } from '../programs/bare-reader.ts'
import type { IdleOrder, IdleReport } from '../programs/idle-loop.ts'
import type { DaemonOrder, DaemonReport } from '../programs/replay-daemon.ts'
import { atMost, type Outcome } from '../report/outcome.ts'
import { median } from '../report/statistics.ts'

const REPLAYED = 500
const REAL = 50
/** Of the sessions that stream, so many are watched; the list is, too. */
const WATCHED = 20
const TOKENS = 200
const EVERY_MS = 50

export const manySessions: Bench = {
  name: 'many-sessions',
  title: 'Many sessions',
  about: `${REPLAYED} sessions that a daemon has loaded stream ${TOKENS} tokens each, one every ${EVERY_MS} ms (${(REPLAYED * 1_000) / EVERY_MS} frames a second); a client watches the list and ${WATCHED} of them. The daemon is played by a program, so that no Codex takes the processor. Baseline: a program that reads the same frames from the same socket, parses them and does nothing else. Then ${REAL} real sessions, each with its own Codex. Event-loop delay is the hub's own figure (\`/metrics\`), its timer's 10 ms included; its baseline is a process of Node that does nothing meanwhile: what a machine that is full costs anybody.`,
  run,
}

async function run(options: BenchOptions): Promise<Outcome> {
  const replayed = await replay(options)
  const real = await realSessions(options)
  const ratio = median(replayed.hubCpu) / median(replayed.readerCpu)
  const realCount = real.count
  return {
    figures: [
      {
        what: `${REPLAYED} replayed: processor`,
        unit: 's',
        hub: replayed.hubCpu,
        baseline: replayed.readerCpu,
      },
      {
        what: `${REPLAYED} replayed: event-loop delay p99`,
        unit: 'ms',
        hub: replayed.loopP99,
        baseline: replayed.idleP99,
      },
      { what: `${REPLAYED} replayed: memory`, unit: 'MB', hub: [replayed.rss] },
      { what: `${realCount} real: processor`, unit: 's', hub: real.cpu },
      {
        what: `${realCount} real: event-loop delay p99`,
        unit: 'ms',
        hub: real.loopP99,
        baseline: real.idleP99,
      },
      { what: `${realCount} real: memory`, unit: 'MB', hub: [real.rss] },
    ],
    aims: [
      atMost('hub processor ≤ 3 times the baseline', ratio, 3, 'times'),
      atMost('event-loop delay p99 ≤ 20 ms, replayed', median(replayed.loopP99), 20, 'ms'),
      atMost('event-loop delay p99 ≤ 20 ms, real', median(real.loopP99), 20, 'ms'),
    ],
  }
}

async function replay(options: BenchOptions) {
  const daemon = new Program<DaemonOrder, DaemonReport>('replay-daemon')
  const reader = new Program<ReaderOrder, ReaderReport>('bare-reader')
  const idle = new Program<IdleOrder, IdleReport>('idle-loop')
  const out = {
    hubCpu: [] as number[],
    readerCpu: [] as number[],
    loopP99: [] as number[],
    idleP99: [] as number[],
    rss: 0,
  }
  try {
    const listen = ({ home }: CodexHome) =>
      daemon.ask({ kind: 'listen', codexHome: home, threads: REPLAYED }, 'listening')
    await withHub(options, { script: () => [], before: listen }, async (hub) => {
      const codexHome = hub.codex.home
      await joinAll(daemon)
      await reader.ask({ kind: 'read', codexHome }, 'reading')
      const wire = await HubWire.open(hub.address)
      await wire.follow('sessions', {})
      const { sessions } = (await wire.call('session/list', { limit: WATCHED })) as {
        sessions: { id: string }[]
      }
      for (const { id } of sessions) await wire.follow('session', { sessionId: id })
      for (let round = 0; round < options.rounds; round += 1) {
        await Promise.all([loopDelayP99Ms(hub.address), idleDelay(idle)])
        const before = { hub: cpuSeconds(hub.pid), reader: cpuSeconds(reader.pid) }
        const tokens = options.isShort ? TOKENS / 4 : TOKENS
        const { frames, ms } = await daemon.ask({ kind: 'stream', tokens, everyMs: EVERY_MS }, 'streamed')
        // What was sent last is still to be read and written.
        await delay(300)
        out.hubCpu.push(cpuSeconds(hub.pid) - before.hub)
        out.readerCpu.push(cpuSeconds(reader.pid) - before.reader)
        out.loopP99.push(await loopDelayP99Ms(hub.address))
        out.idleP99.push(await idleDelay(idle))
        options.say(
          `${frames} frames in ${ms.toFixed(0)} ms: hub ${out.hubCpu.at(-1)?.toFixed(2)} s, reader ${out.readerCpu.at(-1)?.toFixed(2)} s, delay p99 ${out.loopP99.at(-1)?.toFixed(1)} ms`,
        )
      }
      out.rss = rssMb(hub.pid)
      wire.close()
    })
    return out
  } finally {
    await reader.close()
    await daemon.close()
    await idle.close()
  }
}

async function idleDelay(idle: Program<IdleOrder, IdleReport>): Promise<number> {
  return (await idle.ask({ kind: 'p99' }, 'p99')).ms
}

/** Until the hub has found the daemon and joined every thread of it. */
async function joinAll(daemon: Program<DaemonOrder, DaemonReport>): Promise<void> {
  while ((await daemon.ask({ kind: 'count' }, 'joined')).threads < REPLAYED) await delay(100)
}

async function realSessions(options: BenchOptions) {
  const count = options.isShort ? REAL / 10 : REAL
  const script: Script = ({ lastUserText }) =>
    lastUserText === 'stream' ? [{ say: TOKEN_TEXT, pauseMs: EVERY_MS }] : [{ say: 'Hello.' }]
  const config = { maxProcesses: 0, parkAfterMs: 0 }
  return withHub(options, { script, config }, async (hub) => {
    const ids = await openMany(hub, count)
    options.say(`${count} real sessions are open`)
    const out = { count, cpu: [] as number[], loopP99: [] as number[], idleP99: [] as number[], rss: 0 }
    const idleLoop = new Program<IdleOrder, IdleReport>('idle-loop')
    const client = hub.client()
    const views = ids.map((id) => client.session(id))
    const idle = (turns: number) =>
      Promise.all(
        views.map((view) =>
          stateWhere(view, (state) => isIdle(state) && state.turns.length === turns, 120_000),
        ),
      )
    await idle(1)
    for (let round = 0; round < Math.min(3, options.rounds); round += 1) {
      await Promise.all([loopDelayP99Ms(hub.address), idleDelay(idleLoop)])
      const before = cpuSeconds(hub.pid)
      await Promise.all(
        ids.map((sessionId) => client.command('session/send', { sessionId, input: text('stream') })),
      )
      await idle(round + 2)
      out.cpu.push(cpuSeconds(hub.pid) - before)
      out.loopP99.push(await loopDelayP99Ms(hub.address))
      out.idleP99.push(await idleDelay(idleLoop))
      options.say(
        `${count} real: ${out.cpu.at(-1)?.toFixed(2)} s, delay p99 ${out.loopP99.at(-1)?.toFixed(1)} ms, of an idle process ${out.idleP99.at(-1)?.toFixed(1)} ms`,
      )
    }
    out.rss = rssMb(hub.pid)
    await idleLoop.close()
    return out
  })
}

const TOKEN_TEXT = 'word '.repeat(TOKENS)

async function openMany(hub: HubChild, count: number): Promise<string[]> {
  const client = hub.client()
  const ids: string[] = []
  const open = async (): Promise<void> => {
    while (ids.length < count) {
      const slot = ids.push('') - 1
      const { session } = await client.command('session/create', {
        cwd: hub.codex.project,
        input: text('hello'),
      })
      ids[slot] = session.id
    }
  }
  await Promise.all([open(), open()])
  return ids
}
