/**
 * One hub for each data folder: `hub.lock` names the hub that has it. What a dead hub left is taken over; a living one
 * is never pushed aside.
 *
 * **Invariant:** a stale lock is removed only by who holds the exclusive right to remove that very lock, and only while
 * it is still in place. Two starters that find the same stale lock would otherwise remove each other's new ones.
 */
import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isSameProcess, readStartToken } from '../base/process-identity.ts'
import { StoreError } from './store-error.ts'

export interface FolderLock {
  readonly path: string
  /** Give the folder free. Does nothing when the lock is not ours any more. */
  release(): Promise<void>
}

interface Holder {
  readonly pid: number
  readonly startToken: string
}

/** How long another starter may take to remove a stale lock before it counts as the holder. */
const TAKEOVER_TRIES = 250
const TAKEOVER_PAUSE_MS = 20

/** @throws StoreError `folderLocked`, with the pid of the hub that has the folder in `facts`. */
export async function lockFolder(options: {
  readonly folder: string
  readonly hubId: string
}): Promise<FolderLock> {
  const { folder, hubId } = options
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'hub.lock')
  const startToken = (await readStartToken(process.pid)) ?? ''
  const own = `${JSON.stringify({ pid: process.pid, startToken, hubId, lockId: randomUUID() })}\n`
  const holder = await take(path, own)
  if (holder) {
    throw new StoreError(
      'folderLocked',
      `Another hub (process ${holder.pid}) uses the data folder ${folder}. Stop it, or start this one on another folder.`,
      { folder, pid: holder.pid },
    )
  }
  return {
    path,
    async release() {
      if ((await read(path)) === own) await rm(path, { force: true })
    },
  }
}

/** @returns the living holder; null when the lock is now ours. */
async function take(path: string, own: string): Promise<Holder | null> {
  for (let tries = 1; ; tries += 1) {
    if (await create(path, own)) return null
    const found = await read(path)
    if (found === null) continue
    const holder = parse(found)
    if (holder && (await isSameProcess(holder.pid, holder.startToken))) return holder
    // The right is itself a lock, named after the stale one's content, which no other lock ever has.
    const right = `${path}.${createHash('sha256').update(found).digest('hex').slice(0, 16)}`
    const remover = await take(right, own)
    if (remover && tries >= TAKEOVER_TRIES) return remover
    if (remover) {
      await setTimeout(TAKEOVER_PAUSE_MS)
      continue
    }
    try {
      if ((await read(path)) === found) await rm(path, { force: true })
    } finally {
      await rm(right, { force: true })
    }
  }
}

/** Linked, not written, into its place: nobody ever reads half a lock, and only one link can succeed. */
async function create(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}.new`
  await writeFile(draft, content, { flag: 'wx', mode: 0o600 })
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Null for what no hub wrote, or what a power failure emptied. */
function parse(content: string): Holder | null {
  try {
    const value = JSON.parse(content) as Partial<Holder> | null
    if (typeof value?.pid !== 'number' || typeof value.startToken !== 'string') return null
    return { pid: value.pid, startToken: value.startToken }
  } catch {
    return null
  }
}
