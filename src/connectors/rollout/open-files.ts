/**
 * Which process has a file open for writing, by the processes' own lists (`/proc/<pid>/fd`, Linux). All who ask at about
 * the same time share one pass over the machine: hundreds of sessions that are followed ask every few seconds, and a machine
 * has thousands of open files. **Invariant:** an answer is from a pass that began after it was asked for.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'

/** Between the beginnings of two passes. Milliseconds. */
const APART_MS = 250
/** Handles looked at before others get their turn. */
const AT_ONCE = 256

/** Looks for files that are open for writing. @returns process ids by path; what nobody has open is left out */
export type Pass = (paths: ReadonlySet<string>) => Promise<ReadonlyMap<string, number>>

export class OpenFiles {
  readonly #pass: Pass
  #asked = new Set<string>()
  /** The pass that those who ask now will share. */
  #next: Promise<ReadonlyMap<string, number>> | null = null
  #running: Promise<unknown> = Promise.resolve()

  constructor(pass: Pass = passOverProcesses) {
    this.#pass = pass
  }

  /** A process of ours to look into that has one of these files open for writing. */
  async writerOf(paths: readonly string[]): Promise<number | null> {
    if (paths.length === 0) return null
    for (const path of paths) this.#asked.add(path)
    this.#next ??= this.#running.then(() => this.#begin())
    const found = await this.#next
    for (const path of paths) {
      const pid = found.get(path)
      if (pid !== undefined) return pid
    }
    return null
  }

  #begin(): Promise<ReadonlyMap<string, number>> {
    const asked = this.#asked
    this.#asked = new Set()
    this.#next = null
    const found = this.#pass(asked)
    this.#running = Promise.allSettled([found, delay(APART_MS, undefined, { ref: false })])
    return found
  }
}

const passOverProcesses: Pass = async (paths) => {
  const found = new Map<string, number>()
  for await (const [path, pid] of openForWriting(paths)) {
    if (!found.has(path)) found.set(path, pid)
    if (found.size === paths.size) break
  }
  return found
}

/** Every process that has the file open for writing. To be asked seldom: each time is a whole pass. */
export async function writersOf(path: string): Promise<number[]> {
  const pids = new Set<number>()
  for await (const [, pid] of openForWriting(new Set([path]))) pids.add(pid)
  return [...pids]
}

async function* openForWriting(paths: ReadonlySet<string>): AsyncGenerator<readonly [string, number]> {
  let looked = 0
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue
    // At once, since each is a look into memory: ten times cheaper than by way of another thread.
    for (const handle of listed(`/proc/${pid}/fd`)) {
      const target = linked(`/proc/${pid}/fd/${handle}`)
      if (paths.has(target) && isForWriting(pid, handle)) yield [target, Number(pid)]
      looked += 1
      if (looked % AT_ONCE === 0) await setImmediate()
    }
  }
}

/** Other users' processes do not show their files; theirs is also another home. */
function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function linked(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function isForWriting(pid: string, handle: string): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/fdinfo/${handle}`, 'utf8')
    return (Number.parseInt(/^flags:\s*(\d+)/m.exec(text)?.[1] ?? '0', 8) & 0b11) !== 0
  } catch {
    return false
  }
}
