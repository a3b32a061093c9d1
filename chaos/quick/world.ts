/**
 * A hub in this process with a Codex in memory, on a real database and real sockets: many rounds in little time. What
 * a kill costs is played by its store, which loses what was not written, and by a Codex that goes on without it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/server/config.ts'
import { startHub } from '../../src/server/hub.ts'
import type { RunningHub } from '../../src/server/hub-options.ts'
import { FakeCodex } from '../../test/harness/fake-codex.ts'
import { FakeDriver } from '../../test/harness/fake-connector.ts'
import { textOf } from '../invariants.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'
import type { Fault, OpenWorld, TrueTurn, World, WorldOptions } from '../world.ts'
import { CodexFaults } from './codex-faults.ts'
import { Disk } from './disk.ts'
import { HubLog, told } from './hub-log.ts'
import { SetClock } from './set-clock.ts'

const PATIENCE_MS = 30_000
const HOUR_MS = 3_600_000
/** Answers shorter than this fit on a small disk. */
const SMALL_BYTES = 10_000
/** Longer than SQLite itself waits for a lock. */
const LOCKED_MS = 1_200

export const openQuickWorld: OpenWorld = async (options) => {
  const world = new QuickWorld(options)
  await world.start()
  return world
}

class QuickWorld implements World {
  readonly kind = 'quick'
  readonly patienceMs = PATIENCE_MS
  readonly project: string
  readonly faults: readonly Fault[]
  readonly #folder = mkdtempSync(join(tmpdir(), 'chaos-'))
  readonly #random: Random
  readonly #moved: WorldOptions['moved']
  readonly #codex: FakeCodex
  readonly #clock = new SetClock()
  readonly #disk: Disk
  readonly #timeline: Timeline
  readonly #complaints: string[] = []
  readonly #limits: { parkAfterMs: number; maxProcesses: number }
  readonly #faults: CodexFaults
  #hub: { running: RunningHub; driver: FakeDriver; log: HubLog; isSettled: boolean } | null = null

  constructor({ script, random, bigBytes, moved, timeline }: WorldOptions) {
    this.#timeline = timeline
    this.#random = random
    this.#moved = moved
    this.#codex = new FakeCodex(script)
    this.#faults = new CodexFaults(this.#codex, () => this.#hub?.driver ?? null, random, timeline)
    this.project = join(this.#folder, 'project')
    mkdirSync(this.project)
    // What is said in the round must fit on it, once what others filled it with is gone.
    const isSmall = random.chance(0.4) && bigBytes < SMALL_BYTES
    this.#disk = new Disk(this.#folder, isSmall ? 1_500 : null, random.fork())
    this.#limits = { parkAfterMs: random.pick([0, 20_000]), maxProcesses: random.pick([0, 0, 2]) }
    this.faults = [
      { kind: 'kill of the hub', weight: 3, inject: () => this.#replace('kill') },
      { kind: 'stop of the hub', weight: 1, inject: () => this.#replace('stop') },
      { kind: 'Codex killed', weight: 2, inject: () => this.#endCodex('SIGKILL') },
      { kind: 'Codex exits with code 0', weight: 1, inject: () => this.#endCodex(null) },
      { kind: 'connection to Codex lost', weight: 2, inject: () => this.#faults.dropOne() },
      { kind: 'Codex frozen', weight: 2, inject: () => this.#faults.freeze() },
      { kind: 'Codex fails a call', weight: 2, inject: () => this.#faults.fail() },
      { kind: 'Codex talks noise', weight: 1, inject: () => this.#faults.noise() },
      { kind: 'clock set', weight: 2, inject: () => this.#jump() },
      { kind: 'machine slept', weight: 2, inject: () => this.#sleep() },
      { kind: 'slow disk', weight: 2, inject: () => this.#slow() },
      { kind: 'SQLITE_BUSY', weight: 1, inject: () => this.#lock() },
      {
        kind: 'SQLITE_FULL',
        weight: this.#disk.canBeFull ? 2 : 0,
        inject: () => this.#healLater(this.#disk.fill()),
      },
    ]
  }

  get address() {
    if (!this.#hub) return null
    const { url, token } = this.#hub.running
    return { port: Number(new URL(url).port), token }
  }

  async start(): Promise<void> {
    const { path, home } = { path: this.#folder, home: join(this.#folder, 'codex') }
    const log = new HubLog(this.#timeline, this.#complaints)
    let driver: FakeDriver | undefined
    const running = await startHub({
      folder: path,
      config: readConfig(path, {
        port: 0,
        codexHome: home,
        homes: [{ path: home, adopt: false }],
        ...this.#limits,
      }),
      version: '0.0.0',
      log: log.face,
      clock: this.#clock,
      openStore: this.#disk.open,
      makeDriver: (ledger, hubId) => {
        driver = new FakeDriver(this.#codex, { hubId, ledger })
        return driver
      },
    })
    if (!driver) throw new Error('the hub made no driver')
    const hub = { running, driver, log, isSettled: false }
    void running.settled.then(() => {
      hub.isSettled = true
    })
    this.#hub = hub
    this.#timeline.note('a hub is there')
    this.#moved(this.address?.port ?? null)
  }

  async heal(): Promise<void> {
    this.#faults.release()
    await this.#disk.heal()
    if (!this.#hub) await this.start()
    // Whatever waits for a while before it tries again has waited long enough.
    this.#clock.sleep(61_000)
  }

  async restart(how: 'kill' | 'stop'): Promise<void> {
    await this.#end(how)
    if (this.#random.chance(0.3)) await this.#disk.close()
    await this.start()
    await this.#hub?.running.settled
  }

  async truth(threadId: string): Promise<readonly TrueTurn[] | null> {
    const thread = this.#codex.threads.get(threadId)
    if (!thread) return null
    return thread.turns.map(({ turn, items }) => {
      const texts = (type: string) =>
        items.filter((item) => item.type === type).map((item) => textOf(item.body))
      return {
        id: turn.id,
        status: turn.status === 'inProgress' ? 'interrupted' : turn.status,
        prompts: texts('userMessage'),
        texts: texts('agentMessage'),
        itemIds: items.map(({ id }) => id),
      }
    })
  }

  complaints(): readonly string[] {
    return this.#complaints
  }

  account(): readonly string[] {
    return this.#faults.account()
  }

  /** It has no process of its own. */
  residentBytes(): number {
    return 0
  }

  async close(): Promise<readonly string[]> {
    await this.heal()
    await this.#hub?.running.close({ stopSessions: true })
    this.#hub = null
    await this.#disk.close()
    const left = this.#faults.living().map(({ record }) => `process ${record.id} of ${record.sessionId}`)
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
    return left
  }

  async #end(how: 'kill' | 'stop'): Promise<void> {
    const hub = this.#hub
    if (!hub) return
    this.#hub = null
    this.#timeline.note(`the hub goes (${how})`)
    this.#moved(null)
    // A disk that is locked or full keeps a hub from starting, which is another matter.
    await this.#disk.heal()
    if (how === 'kill') {
      hub.log.isDead = true
      hub.driver.die()
      this.#disk.crash()
    }
    this.#faults.release()
    await hub.running.close().catch((error: unknown) => {
      if (how === 'stop') this.#complaints.push(`the hub could not be stopped: ${told({ err: error })}`)
    })
  }

  async #replace(how: 'kill' | 'stop'): Promise<boolean> {
    if (!this.#hub) return false
    await this.#end(how)
    await this.start()
    return true
  }

  /**
   * Not before a new hub has found what runs: it would learn from rollouts what Codex did unheard and did not live to tell,
   * and there are none here.
   */
  #endCodex(signal: 'SIGKILL' | null): boolean {
    return this.#hub?.isSettled === true && this.#faults.endOne(signal)
  }

  #jump(): boolean {
    this.#clock.jump(this.#random.pick([-1, 1]) * this.#random.int(1_000, 48 * HOUR_MS))
    return true
  }

  #sleep(): boolean {
    this.#clock.sleep(this.#random.pick([5_000, 20_000, 61_000, 2 * HOUR_MS]))
    return true
  }

  #slow(): boolean {
    this.#disk.slow(this.#random.int(5, 60))
    return true
  }

  #lock(): boolean {
    return this.#healLater(this.#disk.lock())
  }

  /** A disk that stays as it is would only make everything wait. */
  #healLater(isHarmed: boolean): boolean {
    if (isHarmed) setTimeout(() => void this.#disk.heal().catch(() => {}), LOCKED_MS)
    return isHarmed
  }
}
