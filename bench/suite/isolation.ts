/** What sessions cost that share one Codex process, beside as many with a process each. */
import type { Script } from '../../src/demo/scripted-model.ts'
import { isIdle, stateWhere, text } from '../../test/harness/watch.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { withHub } from '../parts/hub-child.ts'
import { cpuSeconds, pssMb, rssMb } from '../parts/process-cost.ts'
import type { Figure, Outcome } from '../report/outcome.ts'

const SESSIONS = 10
const script: Script = () => [{ say: 'Hello.' }]

export const isolation: Bench = {
  name: 'isolation',
  title: 'One process for all',
  about: `${SESSIONS} sessions of one hub, made one after the other, each with one turn, then idle: sharing one Codex process, and as baseline each with its own. Memory of Codex is PSS, summed over its processes; no session is put away and no process waits for the next one.`,
  run,
}

interface Cost {
  readonly codex: number[]
  readonly hub: number[]
  readonly cpu: number[]
  readonly createMs: number[]
}

async function run(options: BenchOptions): Promise<Outcome> {
  const costs = { shared: newCost(), process: newCost() }
  for (let round = 0; round < options.rounds; round += 1) {
    for (const kind of ['process', 'shared'] as const) await measure(options, kind, costs[kind])
    const [shared, own] = [costs.shared.codex.at(-1), costs.process.codex.at(-1)]
    options.say(`Codex: shared ${shared?.toFixed(0)} MB, each its own ${own?.toFixed(0)} MB`)
  }
  const beside = (what: string, unit: string, of: keyof Cost): Figure => ({
    what,
    unit,
    hub: costs.shared[of],
    baseline: costs.process[of],
  })
  return {
    figures: [
      beside(`memory of Codex for ${SESSIONS} sessions`, 'MB', 'codex'),
      beside('memory of the hub', 'MB', 'hub'),
      beside('processor time of Codex so far', 's', 'cpu'),
      beside('a session is there (each)', 'ms', 'createMs'),
    ],
    aims: [],
  }
}

const newCost = (): Cost => ({ codex: [], hub: [], cpu: [], createMs: [] })

function measure(options: BenchOptions, kind: 'shared' | 'process', into: Cost): Promise<void> {
  return withHub(
    options,
    { script, config: { isolation: kind, parkAfterMs: 0, spareMs: 0 } },
    async (hub) => {
      const client = hub.client()
      for (let index = 0; index < SESSIONS; index += 1) {
        const before = performance.now()
        const { session } = await client.command('session/create', { cwd: hub.codex.project })
        into.createMs.push(performance.now() - before)
        await client.command('session/send', { sessionId: session.id, input: text('hello') })
        await stateWhere(client.session(session.id), isIdle, 60_000)
      }
      const { processes } = await client.request('hub/status', {})
      const pids = processes.filter(({ sessionId, isShared }) => sessionId !== null || isShared)
      const sum = (of: (pid: number) => number) => pids.reduce((total, { pid }) => total + of(pid), 0)
      into.codex.push(sum(pssMb))
      into.cpu.push(sum(cpuSeconds))
      into.hub.push(rssMb(hub.pid))
    },
  )
}
