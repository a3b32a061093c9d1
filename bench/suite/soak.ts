/** A day of use in minutes: what is held at the end must not be more than what was held once the hub was warm. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Script } from '../../src/demo/scripted-model.ts'
import { seededRandom } from '../../test/harness/random.ts'
import { text } from '../../test/harness/watch.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { type HubChild, withHub } from '../parts/hub-child.ts'
import { HubWire, RefusedByHub } from '../parts/hub-wire.ts'
import { instant } from '../parts/instant.ts'
import { type Vitals, vitalsOf } from '../parts/vitals.ts'
import { atMost, type Outcome } from '../report/outcome.ts'
import { median } from '../report/statistics.ts'

const MINUTES = { short: 1, usual: 3, long: 30 }
/** Sessions that are played with; the oldest gives way to a new one and is archived. */
const POOL = 24
const SEED = 7

export const soak: Bench = {
  name: 'soak',
  title: 'Soak',
  about: `For ${MINUTES.usual} minutes (${MINUTES.long} with \`--long\`): sessions created, prompted, forked, parked, resumed, ended and archived, clients that come and go, and Codex processes killed, by a seeded choice, several times a second. Every ten seconds the work pauses until nothing runs, and the hub's vitals are taken. What was held in the second quarter is the baseline of what is held in the last; in the first one code is compiled and buffers find their size.`,
  run,
}

const script: Script = () => [{ say: 'It is read twice and written once. '.repeat(20), pauseMs: 1 }]

async function run(options: BenchOptions): Promise<Outcome> {
  const minutes = MINUTES[options.isLong ? 'long' : options.isShort ? 'short' : 'usual']
  return withHub(options, { script, config: { parkAfterMs: 3_000, maxProcesses: 8 } }, async (hub) => {
    const player = new Player(hub)
    const samples: Vitals[] = []
    const end = instant() + minutes * 60_000
    while (instant() < end) {
      const pause = instant() + 10_000
      while (instant() < pause) await player.act()
      await player.rest()
      const vitals = await vitalsOf(hub.pid, hub.address)
      samples.push(vitals)
      options.say(
        `${player.acts} acts, ${vitals.sessions} sessions: ${vitals.rssMb.toFixed(0)} MB, heap ${vitals.heapMb.toFixed(0)} MB, ${vitals.descriptors} descriptors, ${vitals.children} children, WAL ${vitals.walMb.toFixed(1)} MB`,
      )
    }
    player.close()
    return outcomeOf(samples, player)
  })
}

/** Of at least four samples. */
function outcomeOf(samples: readonly Vitals[], { acts, refused, failures }: Player): Outcome {
  const quarter = Math.max(1, Math.floor(samples.length / 4))
  const of = (name: keyof Vitals) => ({
    hub: samples.slice(-quarter).map((vitals) => vitals[name]),
    baseline: samples.slice(quarter, 2 * quarter).map((vitals) => vitals[name]),
  })
  const more = (name: keyof Vitals) => median(of(name).hub) - median(of(name).baseline)
  const sessions = more('sessions')
  return {
    figures: [
      { what: 'memory', unit: 'MB', ...of('rssMb') },
      { what: 'heap in use, as it happens to be', unit: 'MB', ...of('heapMb') },
      { what: 'descriptors', unit: '', ...of('descriptors') },
      { what: 'threads', unit: '', ...of('threads') },
      { what: 'children', unit: '', ...of('children') },
      { what: 'WAL', unit: 'MB', ...of('walMb') },
      { what: 'sessions', unit: '', ...of('sessions') },
    ],
    aims: [
      atMost('memory flat: ≤ 10 MB and 50 KB per new session', more('rssMb') - sessions * 0.05, 10, 'MB'),
      atMost('descriptors flat', more('descriptors'), 3, 'more'),
      atMost('threads flat', more('threads'), 0, 'more'),
      atMost('no child left when all are parked', samples.at(-1)?.children ?? Number.NaN, 0, ''),
      atMost('WAL bounded', Math.max(...samples.map(({ walMb }) => walMb)), 16, 'MB'),
    ],
    notes: [
      `${acts} acts by seed ${SEED}; ${refused} were refused with a typed reason, ${failures.size} kinds of failure${failures.size === 0 ? '' : `: ${[...failures].join('; ')}`}.`,
    ],
  }
}

/** Does one thing after the other to a hub, as its users would, by a seeded choice. */
class Player {
  readonly #hub: HubChild
  readonly #random = seededRandom(SEED)
  readonly #sessions: string[] = []
  readonly #wires: HubWire[] = []
  acts = 0
  refused = 0
  readonly failures = new Set<string>()

  constructor(hub: HubChild) {
    this.#hub = hub
  }

  async act(): Promise<void> {
    this.acts += 1
    const roll = this.#random()
    const sessionId = this.#sessions[Math.floor(this.#random() * this.#sessions.length)]
    try {
      if (sessionId === undefined || roll < 0.1) await this.#create()
      else if (roll < 0.45) await this.#command('session/send', { sessionId, input: text('go') })
      else if (roll < 0.5) this.#sessions.push(await this.#fork(sessionId))
      else if (roll < 0.55) await this.#command('session/end', { sessionId })
      else if (roll < 0.6) await this.#command('session/resume', { sessionId })
      else if (roll < 0.65) await this.#killChild()
      else await this.#comeOrGo(sessionId)
    } catch (error) {
      if (error instanceof RefusedByHub) this.refused += 1
      else this.failures.add((error as Error).message.slice(0, 120))
    }
    if (this.#sessions.length > POOL) await this.#archive()
  }

  /** Until every session is parked or ended. */
  async rest(): Promise<void> {
    for (const wire of this.#wires.splice(0)) wire.close()
    for (let tries = 0; tries < 200; tries += 1) {
      const { children } = await vitalsOf(this.#hub.pid, this.#hub.address)
      if (children === 0) return
      await delay(100)
    }
  }

  close(): void {
    for (const wire of this.#wires.splice(0)) wire.close()
  }

  async #create(): Promise<void> {
    const params = { cwd: this.#hub.codex.project, input: text('go') }
    const { session } = (await this.#command('session/create', params)) as { session: { id: string } }
    this.#sessions.push(session.id)
  }

  async #fork(sessionId: string): Promise<string> {
    const { session } = (await this.#command('session/fork', { sessionId })) as { session: { id: string } }
    return session.id
  }

  async #archive(): Promise<void> {
    const sessionId = this.#sessions.shift()
    await this.#command('session/end', { sessionId }).catch(() => {})
    await this.#command('session/archive', { sessionId }).catch(() => {
      this.refused += 1
    })
  }

  async #killChild(): Promise<void> {
    const { url, token } = this.#hub.address
    const answer = await fetch(`${url}/health`, { headers: { authorization: `Bearer ${token}` } })
    const { processes } = (await answer.json()) as { processes: { pid: number; sessionId: string | null }[] }
    const children = processes.filter((each) => each.sessionId !== null)
    const victim = children[Math.floor(this.#random() * children.length)]
    if (victim) process.kill(victim.pid, 'SIGKILL')
  }

  async #comeOrGo(sessionId: string): Promise<void> {
    if (this.#wires.length > 20) this.#wires.shift()?.close()
    const wire = await HubWire.open(this.#hub.address)
    this.#wires.push(wire)
    await wire.follow('sessions', {})
    await wire.follow('session', { sessionId })
  }

  async #command(method: string, params: object): Promise<unknown> {
    const wire = await HubWire.open(this.#hub.address)
    try {
      return await wire.call(method, { commandId: crypto.randomUUID(), ...params })
    } finally {
      wire.close()
    }
  }
}
