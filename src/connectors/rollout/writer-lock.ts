/**
 * Who writes a thread now. Codex 0.169 holds an exclusive `flock` on `thread-writer-locks/<threadId>.lock` for as long as
 * it has the thread loaded and removes the file when it lets go; after a kill the file stays, unlocked. This module only
 * looks: it never takes, probes or deletes a lock, since even trying for one could make Codex fail.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { OpenFiles, writersOf } from './open-files.ts'

interface Holder {
  readonly pid: number
  /** Its command line, words joined by blanks; null where the system does not tell. */
  readonly command: string | null
}

export type WriterLock =
  | { readonly state: 'held'; readonly holder: Holder | null }
  | { readonly state: 'free' }
  /** There is a lock file and the system does not tell whether it is held (not Linux). */
  | { readonly state: 'unknown' }

/** One for the machine, as what it looks into is. */
const openFiles = new OpenFiles()

const LOCK_NAME = /^([0-9a-f-]{36})\.lock$/

export function lockFolder(codexHome: string): string {
  return join(codexHome, 'thread-writer-locks')
}

/** Threads with a lock file, held or left over: those that are worth looking at often. */
export async function listLockedThreads(codexHome: string): Promise<Set<string>> {
  const names = await readdir(lockFolder(codexHome)).catch(() => [])
  return new Set(names.flatMap((name) => readLockName(name) ?? []))
}

/** The thread a lock file belongs to; null for other files. */
export function readLockName(path: string): string | null {
  return LOCK_NAME.exec(basename(path))?.[1] ?? null
}

/**
 * Whether somebody has the thread open for writing.
 * @param paths its rollout files: releases without lock files keep the newest one open instead
 */
export async function readWriterLock(
  codexHome: string,
  threadId: string,
  paths: readonly string[],
): Promise<WriterLock> {
  const folder = lockFolder(codexHome)
  const lockPath = join(folder, `${threadId}.lock`)
  const lock = await stat(lockPath, { bigint: true }).catch(() => null)
  if (process.platform !== 'linux') {
    // A file may be left over from a kill; none proves something only where the release makes one.
    const hasLocks = lock === null && (await stat(folder).catch(() => null)) !== null
    return { state: hasLocks ? 'free' : 'unknown' }
  }
  const holders = lock ? findHolders(await readFile('/proc/locks', 'utf8').catch(() => ''), lock.ino) : []
  // On overlay and btrfs a lock's device is not the one `stat` tells; then only an open file proves it is this one.
  const device = lock === null ? '' : formatDevice(lock.dev)
  const exact = holders.find((holder) => holder.device === device)
  if (exact) return { state: 'held', holder: await describe(exact.pid) }
  const newest = paths.at(-1)
  const pid = await openFiles.writerOf([
    ...(holders.length > 0 ? [lockPath] : []),
    ...(newest === undefined ? [] : [newest]),
  ])
  return pid === null ? { state: 'free' } : { state: 'held', holder: await describe(pid) }
}

/**
 * All who write a thread that no lock keeps for one of them, as releases without lock files do (up to 0.142). Empty where
 * there is a lock file, and where the system does not tell.
 */
export async function listWriters(
  codexHome: string,
  threadId: string,
  paths: readonly string[],
): Promise<Holder[]> {
  const newest = paths.at(-1)
  if (newest === undefined || process.platform !== 'linux') return []
  const lock = await stat(join(lockFolder(codexHome), `${threadId}.lock`)).catch(() => null)
  const holders = lock ? [] : await Promise.all((await writersOf(newest)).map(describe))
  return holders.filter((holder) => holder !== null)
}

/**
 * Who holds a lock for writing on a file with this inode, from the text of `/proc/locks`. Those who wait for one (`->`)
 * do not count. A process in another pid namespace shows as 0 or -1: held, by somebody who cannot be named.
 */
export function findHolders(locks: string, inode: bigint): { pid: number; device: string }[] {
  return locks.split('\n').flatMap((line) => {
    const match = /^\d+: (?:FLOCK|OFDLCK|POSIX)\s+\S+\s+WRITE\s+(-?\d+)\s+(\w+:\w+):(\d+)\s/.exec(line)
    if (!match || match[3] !== String(inode)) return []
    return [{ pid: Number(match[1]), device: match[2] ?? '' }]
  })
}

/** `major:minor` in hex, as the kernel prints it. */
function formatDevice(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn)
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn)
  return [major, minor].map((part) => part.toString(16).padStart(2, '0')).join(':')
}

async function describe(pid: number): Promise<Holder | null> {
  if (pid <= 0) return null
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  return { pid, command: command === null ? null : command.split('\0').join(' ').trim() }
}
