/**
 * Who a pid is. A pid alone proves nothing, because the system gives it to somebody else once its process is gone; a
 * pid with its start token is one process for good. Everything that signals a process asks here first.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A process, not a number: `pid` is it only while the system's start token of the pid is `startToken`. */
export interface Identity {
  readonly pid: number
  readonly startToken: string
}

interface Sighting {
  readonly startToken: string
  /** Exited and not yet collected by its parent: it runs no more. */
  readonly isZombie: boolean
}

/**
 * The system's own start time of a running process, as opaque text; null when nothing runs under the pid. Zombies do
 * not run. On Linux it carries the boot, since ticks begin anew with each one.
 */
export async function readStartToken(pid: number): Promise<string | null> {
  const seen = await look(pid)
  return seen === null || seen.isZombie ? null : seen.startToken
}

/** Whether the process runs. Zombies count as dead. */
export async function isSameProcess(pid: number, startToken: string): Promise<boolean> {
  return (await readStartToken(pid)) === startToken
}

/** Whether somebody else lives under the pid, so that it names nothing of ours any more, not even a process group. */
export async function isTakenByAnother({ pid, startToken }: Identity): Promise<boolean> {
  const seen = await look(pid)
  return seen !== null && seen.startToken !== startToken
}

/**
 * The start token of a child spawned in this turn of the event loop. Node collects a dead child in a later turn, so
 * that even one which ended at once is still a zombie here. Where the system must be asked through a program, such a
 * child has no token; it has nothing left to be mistaken for either.
 */
export async function readTokenAtBirth(pid: number): Promise<string> {
  return (await look(pid))?.startToken ?? 'ended at birth'
}

/** The process that started this one, or took its place; null at the top, and where the system does not tell. */
export async function readParentPid(pid: number): Promise<number | null> {
  if (!Number.isSafeInteger(pid) || pid <= 1 || process.platform === 'win32') return null
  const text =
    process.platform === 'linux'
      ? parseStat(read(`/proc/${pid}/stat`))?.parent
      : (await output('ps', ['-o', 'ppid=', '-p', String(pid)], { LC_ALL: 'C' }))?.trim()
  const parent = Number(text)
  return Number.isSafeInteger(parent) && parent > 1 ? parent : null
}

async function look(pid: number): Promise<Sighting | null> {
  // 0, 1 and negative numbers mean groups, init or everybody; nothing of ours has them.
  if (!Number.isSafeInteger(pid) || pid <= 1) return null
  if (process.platform === 'linux') return lookInProc(pid)
  if (process.platform === 'win32') return lookWithPowerShell(pid)
  return lookWithPs(pid)
}

function lookInProc(pid: number): Sighting | null {
  const fields = parseStat(read(`/proc/${pid}/stat`))
  return fields && { startToken: `${fields.startTicks}@${bootId()}`, isZombie: fields.isZombie }
}

/** Nobody outlives a boot: it is read once. */
let boot: string | null = null
function bootId(): string {
  boot ??= read('/proc/sys/kernel/random/boot_id').trim()
  return boot
}

/** Of a file in `/proc`, which never waits for a disk. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The command name (field 2) may hold spaces and parentheses: fields are counted from behind the last `)`. */
export function parseStat(
  stat: string,
): { startTicks: string; isZombie: boolean; parent: string | undefined } | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, startTicks] = [fields[0], fields[19]]
  if (state === undefined || startTicks === undefined) return null
  return { startTicks, isZombie: state === 'Z' || state === 'X', parent: fields[1] }
}

async function lookWithPs(pid: number): Promise<Sighting | null> {
  // `lstart` is printed in the local language and zone; both are pinned or the token changes with them.
  const line = await output('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { LC_ALL: 'C', TZ: 'UTC' })
  const [state, ...start] = line?.trim().split(/\s+/) ?? []
  if (state === undefined || start.length === 0) return null
  return { startToken: start.join(' '), isZombie: state.startsWith('Z') }
}

async function lookWithPowerShell(pid: number): Promise<Sighting | null> {
  const script = `(Get-Process -Id ${pid} -ErrorAction Stop).StartTime.ToFileTimeUtc()`
  const line = await output('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script], {})
  const startToken = line?.trim() ?? ''
  return startToken === '' ? null : { startToken, isZombie: false }
}

function output(file: string, args: string[], env: Record<string, string>): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: 5000, windowsHide: true }
    execFile(file, args, options, (error, stdout) => resolve(error ? null : stdout))
  })
}
