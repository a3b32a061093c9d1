/**
 * Tells one process from a later one with the same pid. A start token names the moment a process began; pid and token
 * together are its identity. Reads only; it never signals anything.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The start token of a living process; null when it is dead, a zombie, or cannot be read. Compare only for equality. */
export async function readStartToken(pid: number): Promise<string | null> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null
  try {
    if (process.platform === 'linux') return await readLinux(pid)
    if (process.platform === 'win32') return await readWindows(pid)
    return await readWithPs(pid)
  } catch {
    // No such process, or one of another user that the system hides: to us both are not ours.
    return null
  }
}

/** Whether the process that had this token still runs. A zombie does not. */
export async function isSameProcess(pid: number, startToken: string): Promise<boolean> {
  return (await readStartToken(pid)) === startToken
}

/** `<boot>:<ticks>`: ticks count from boot, so without the boot two machines' lives could be taken for one. */
async function readLinux(pid: number): Promise<string | null> {
  const ticks = parseLinuxStat(await readFile(`/proc/${pid}/stat`, 'utf8'))
  if (ticks === null) return null
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return `${boot.slice(0, 8)}:${ticks}`
}

/**
 * Field 22 (start time in clock ticks) of `/proc/<pid>/stat`; null for a zombie or a dead process. The command name,
 * field 2, may itself contain blanks and parentheses, so counting begins after the last `)` (proc_pid_stat(5)).
 */
export function parseLinuxStat(stat: string): string | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  if (state === undefined || state === 'Z' || state === 'X') return null
  return fields[19] ?? null
}

/** macOS and the BSDs: second resolution. UTC, so that a change of the clock's zone does not change the token. */
async function readWithPs(pid: number): Promise<string | null> {
  const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  })
  const [state, ...started] = stdout.trim().split(/\s+/)
  if (!state || state.startsWith('Z') || started.length === 0) return null
  return started.join(' ')
}

async function readWindows(pid: number): Promise<string | null> {
  const script = `(Get-Process -Id ${pid} -ErrorAction Stop).StartTime.ToFileTimeUtc()`
  const { stdout } = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script])
  return stdout.trim() || null
}
