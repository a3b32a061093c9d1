/**
 * A hub in a process of its own with the real Codex: it can be killed, and so can each of its children and their
 * wardens. Whatever runs for the round is found by a marker in its environment, so nothing can be left unseen.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { otherClient } from '../../test/connectors/daemon/watching.ts'
import { startDaemon, type TestDaemon } from '../../test/harness/daemon.ts'
import { type HubProcess, makeHubProcess } from '../../test/harness/hub-process.ts'
import { KINDS } from '../prompts.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'
import type { Fault, OpenWorld, World } from '../world.ts'
import { untilGone, untilWatched } from './ending.ts'
import { HubLogFile } from './hub-log-file.ts'
import { MARKER, markedProcesses, signal } from './marked.ts'
import { readTruth } from './rollout-truth.ts'

const PATIENCE_MS = 60_000
/** How long a hub is away at most before the next one comes. */
const AWAY_MS = 600

export const openProcessWorld: OpenWorld = async ({ script, random, moved, timeline }) => {
  const mark = randomUUID()
  // With little patience the children of a dead hub end while the round still runs.
  const isShort = random.chance(0.25)
  const graceMs = isShort ? 1_500 : 60_000
  const isolation = random.chance(0.4) ? 'shared' : 'process'
  const config = { graceMs, isolation, logLevel: 'info', observedEndMs: 2_000 } as const
  const hub = await makeHubProcess({ script }, config, { [MARKER]: mark })
  const world = new ProcessWorld(hub, mark, isShort, random, moved, timeline)
  await world.start()
  if (random.chance(0.35)) await world.startDaemon()
  return world
}

class ProcessWorld implements World {
  readonly kind = 'process'
  readonly patienceMs = PATIENCE_MS
  readonly faults: readonly Fault[]
  readonly #hub: HubProcess
  readonly #mark: string
  /** Children wait for a new hub only for a moment. */
  readonly #isShort: boolean
  readonly #random: Random
  readonly #moved: (port: number | null) => void
  readonly #timeline: Timeline
  readonly #log: HubLogFile
  readonly #stopped = new Set<number>()
  /** The user's own, in the same home; null in rounds without one. */
  #daemon: TestDaemon | null = null
  #elsewhere = 0
  #isUp = false
  #coming: Promise<void> = Promise.resolve()

  constructor(
    hub: HubProcess,
    mark: string,
    isShort: boolean,
    random: Random,
    moved: (port: number | null) => void,
    timeline: Timeline,
  ) {
    this.#hub = hub
    this.#mark = mark
    this.#isShort = isShort
    this.#random = random
    this.#moved = moved
    this.#timeline = timeline
    this.#log = new HubLogFile(join(hub.folder, 'hub.log'))
    this.faults = [
      { kind: 'kill -9 of the hub', weight: 4, inject: () => this.#killHub() },
      { kind: 'stop of the hub', weight: 1, inject: () => this.#stopHub() },
      { kind: 'kill -9 of a Codex child', weight: 3, inject: () => this.#signalOne('codex', 'SIGKILL') },
      { kind: 'kill -9 of a warden', weight: 1, inject: () => this.#signalOne('warden', 'SIGKILL') },
      { kind: 'SIGSTOP of a Codex child', weight: 2, inject: () => this.#freeze() },
      { kind: 'daemon gone', weight: 2, inject: () => this.#endDaemon() },
      { kind: 'daemon back', weight: 2, inject: () => this.#bringDaemon() },
      { kind: 'work at the daemon', weight: 4, inject: () => this.#workElsewhere() },
    ]
  }

  get project(): string {
    return this.#hub.codex.project
  }

  get address() {
    if (!this.#isUp) return null
    return { port: Number(new URL(this.#hub.url).port), token: this.#hub.token }
  }

  async start(): Promise<void> {
    const { failed } = await this.#hub.start()
    if (failed) throw new Error(`the hub did not start: ${failed.message}`)
    this.#isUp = true
    this.#timeline.note('a hub is there')
    this.#moved(this.address?.port ?? null)
  }

  async startDaemon(): Promise<void> {
    this.#daemon = await startDaemon(this.#hub.codex)
  }

  async heal(): Promise<void> {
    await this.#coming
    await this.#bringDaemon()
    for (const pid of this.#stopped) signal(pid, 'SIGCONT')
    this.#stopped.clear()
    if (!this.#isUp) await this.start()
  }

  async restart(how: 'kill' | 'stop'): Promise<void> {
    await this.#end(how)
    await this.start()
  }

  async truth(threadId: string) {
    return readTruth(this.#hub.codex.home, threadId)
  }

  complaints(): readonly string[] {
    return this.#log.complaints()
  }

  account(): readonly string[] {
    const processes = markedProcesses(this.#mark).map(
      ({ pid, role, command }) => `${role} ${pid}: ${command}`,
    )
    return [...this.#log.newest(), ...processes]
  }

  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#hub.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
  }

  async close(): Promise<readonly string[]> {
    await this.heal()
    try {
      if (this.#isShort) await this.#abandon()
      else await this.#shutDown()
      return []
    } catch (error) {
      const left = markedProcesses(this.#mark).map(({ pid, role, command }) => `${role} ${pid}: ${command}`)
      return [String(error), ...left]
    } finally {
      for (const { pid } of markedProcesses(this.#mark)) signal(pid, 'SIGKILL')
      await this.#daemon?.close()
      await this.#hub.close()
    }
  }

  /** As a person does who is done for the day. */
  async #shutDown(): Promise<void> {
    const client = this.#hub.client()
    await client.request('hub/shutdown', { stopSessions: true })
    this.#isUp = false
    await untilGone(this.#mark, PATIENCE_MS)
  }

  /** The hub is killed and never comes back; its children end by themselves. */
  async #abandon(): Promise<void> {
    await untilWatched(this.#mark, PATIENCE_MS)
    await this.#end('kill')
    await untilGone(this.#mark, PATIENCE_MS)
  }

  async #killHub(): Promise<boolean> {
    if (!this.#isUp) return false
    await this.#end('kill')
    this.#comeBack()
    return true
  }

  async #stopHub(): Promise<boolean> {
    if (!this.#isUp) return false
    await this.#end('stop')
    this.#comeBack()
    return true
  }

  #comeBack(): void {
    const awayMs = this.#random.int(0, AWAY_MS)
    this.#coming = delay(awayMs).then(() => this.start())
    this.#coming.catch(() => {})
  }

  async #end(how: 'kill' | 'stop'): Promise<void> {
    this.#isUp = false
    this.#timeline.note(`the hub goes (${how})`)
    this.#moved(null)
    if (how === 'kill') await this.#hub.kill()
    else await this.#hub.stop()
  }

  #pickOne(role: 'codex' | 'warden'): number | null {
    const pids = markedProcesses(this.#mark).filter((each) => each.role === role)
    return pids.length === 0 ? null : this.#random.pick(pids).pid
  }

  #signalOne(role: 'codex' | 'warden', name: NodeJS.Signals): boolean {
    const pid = this.#pickOne(role)
    if (pid !== null) this.#timeline.note(`${name} to ${role} ${pid}`)
    return pid !== null && signal(pid, name)
  }

  #freeze(): boolean {
    const pid = this.#pickOne('codex')
    if (pid === null || !signal(pid, 'SIGSTOP')) return false
    this.#timeline.note(`codex ${pid} is stopped`)
    this.#stopped.add(pid)
    return true
  }

  async #endDaemon(): Promise<boolean> {
    if (!this.#daemon?.isAlive) return false
    await this.#daemon.kill()
    return true
  }

  async #bringDaemon(): Promise<boolean> {
    if (!this.#daemon || this.#daemon.isAlive) return false
    await this.startDaemon()
    return true
  }

  /** Somebody at a terminal begins a thread and says something. */
  async #workElsewhere(): Promise<boolean> {
    if (!this.#daemon?.isAlive) return false
    this.#elsewhere += 1
    const text = `${this.#random.pick(KINDS)} e${this.#elsewhere}z`
    const { home, project } = this.#hub.codex
    const terminal = await otherClient(home)
    this.#timeline.note(`at the daemon: ${text}`)
    const settings = { cwd: project, approvalPolicy: 'on-request' } as const
    const answer = (await terminal.request('thread/start', settings)) as { thread: { id: string } }
    const input = [{ type: 'text' as const, text, text_elements: [] }]
    await terminal.request('turn/start', { threadId: answer.thread.id, input })
    return true
  }
}
