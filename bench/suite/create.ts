/** How long a person waits for a new session, and for its first word. */
import { setTimeout as delay } from 'node:timers/promises'

import type { Script } from '../../src/demo/scripted-model.ts'
import { makeCodexHome } from '../../test/harness/codex-home.ts'
import { text } from '../../test/harness/watch.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { openCodexPeer } from '../parts/codex-peer.ts'
import { startCodexServer } from '../parts/codex-server.ts'
import { type HubChild, withHub } from '../parts/hub-child.ts'
import { HubWire } from '../parts/hub-wire.ts'
import { instant } from '../parts/instant.ts'
import { atMost, type Outcome } from '../report/outcome.ts'
import { median } from '../report/statistics.ts'

/** Long enough for a Codex to start and be greeted, also on a busy machine. */
const SPARE_MS = 3_000

const script: Script = () => [{ say: 'Hello.' }]

export const create: Bench = {
  name: 'create',
  title: 'Create',
  about:
    'From `session/create` until its answer, and until the first token is in a client that subscribed on that answer. Each session is ended before the next. Baselines: a process of Codex started for it, greeted, and `thread/start` (then `turn/start` until the first delta); for the warm spare a bare `thread/start` in a process that runs.',
  run,
}

interface Times {
  readonly ready: number[]
  readonly firstToken: number[]
}

async function run(options: BenchOptions): Promise<Outcome> {
  const bareThread = await bareThreads(options)
  const bareSpawn = await bareSpawns(options)
  const cold = await inHub(options, 0)
  const warm = await inHub(options, 600_000)
  const more = median(warm.ready) - median(bareThread)
  return {
    figures: [
      { what: 'warm: ready', unit: 'ms', hub: warm.ready, baseline: bareThread },
      { what: 'warm: first token', unit: 'ms', hub: warm.firstToken },
      { what: 'cold: ready', unit: 'ms', hub: cold.ready, baseline: bareSpawn.ready },
      { what: 'cold: first token', unit: 'ms', hub: cold.firstToken, baseline: bareSpawn.firstToken },
    ],
    aims: [atMost('warm: ≤ bare thread/start + 30 ms', more, 30, 'ms more')],
  }
}

/** `thread/start` in a process that runs, alone. */
async function bareThreads({ rounds, say }: BenchOptions): Promise<number[]> {
  const server = await startCodexServer(script)
  try {
    const codex = await openCodexPeer(server.url)
    const times: number[] = []
    for (let round = 0; round <= rounds * 2; round += 1) {
      const began = instant()
      await codex.startThread(server.codex.project)
      // The first one of a process loads what the others find.
      if (round > 0) times.push(instant() - began)
    }
    say(`bare thread/start ${median(times).toFixed(0)} ms`)
    return times
  } finally {
    await server.close()
  }
}

async function bareSpawns({ rounds, say }: BenchOptions): Promise<Times> {
  const times: Times = { ready: [], firstToken: [] }
  // All on one home, as a person's are; the first one makes its databases.
  const codexHome = await makeCodexHome({ script })
  for (let round = 0; round <= rounds; round += 1) {
    const server = await startCodexServer(script, codexHome)
    try {
      const codex = await openCodexPeer(server.url)
      const threadId = await codex.startThread(server.codex.project)
      const ready = instant() - server.spawnedAt
      const delta = codex.next('item/agentMessage/delta')
      await codex.prompt(threadId, 'hello')
      await delta
      if (round === 0) continue
      times.ready.push(ready)
      times.firstToken.push(instant() - server.spawnedAt)
    } finally {
      await server.close()
    }
  }
  await codexHome.close()
  say(
    `bare spawn: ready ${median(times.ready).toFixed(0)} ms, first token ${median(times.firstToken).toFixed(0)} ms`,
  )
  return times
}

/** @param spareMs how long a started Codex waits for the next session; 0: none does */
function inHub(options: BenchOptions, spareMs: number): Promise<Times> {
  return withHub(options, { script, config: { spareMs } }, async (hub) => {
    const wire = await HubWire.open(hub.address)
    const times: Times = { ready: [], firstToken: [] }
    for (let round = 0; round <= options.rounds; round += 1) {
      // The spare of the session before is started meanwhile.
      if (round > 0 && spareMs > 0) await delay(SPARE_MS)
      const one = await createOnce(hub, wire)
      // The first of a hub pays for finding out what this Codex can.
      if (round === 0) continue
      times.ready.push(one.ready)
      times.firstToken.push(one.firstToken)
      options.say(
        `hub, ${spareMs > 0 ? 'warm' : 'cold'}: ready ${one.ready.toFixed(0)} ms, first token ${one.firstToken.toFixed(0)} ms`,
      )
    }
    return times
  })
}

async function createOnce(hub: HubChild, wire: HubWire): Promise<{ ready: number; firstToken: number }> {
  const spoken = Promise.withResolvers<number>()
  wire.onTold = ({ params }) => {
    const deltas = (params.deltas ?? []) as {
      op: string
      text?: string
      body?: { text?: string }
      item?: { type: string; body: { text?: string } }
    }[]
    // Grown, whole in a snapshot, or whole because it ended before anybody followed.
    const hasText = deltas.some(
      ({ op, text, body, item }) =>
        (op === 'append' && text) || body?.text || (item?.type === 'agentMessage' && item.body.text),
    )
    if (hasText) spoken.resolve(instant())
  }
  const began = instant()
  const { session } = (await wire.call('session/create', {
    commandId: crypto.randomUUID(),
    cwd: hub.codex.project,
    input: text('hello'),
  })) as { session: { id: string } }
  const ready = instant() - began
  await wire.call('session/subscribe', { sessionId: session.id })
  const firstToken = (await spoken.promise) - began
  await wire.call('session/unsubscribe', { sessionId: session.id })
  await wire.call('session/end', { commandId: crypto.randomUUID(), sessionId: session.id, force: true })
  return { ready, firstToken }
}
