/** The processes of one round, told by a variable in their environment, which every one of them hands on. Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

export const MARKER = 'CODEX_HUB_CHAOS'

export interface Marked {
  readonly pid: number
  readonly role: 'hub' | 'codex' | 'warden' | 'other'
  readonly command: string
}

/** Zombies have no environment any more and do not count. */
export function markedProcesses(mark: string): Marked[] {
  const found: Marked[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`${MARKER}=${mark}`)) continue
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      found.push({ pid: Number(name), role: roleOf(command), command })
    } catch {
      // It ended, or is somebody else's.
    }
  }
  return found
}

/** How many Codex processes that outlive their hub have no warden. */
export function unwatched(mark: string): number {
  const all = markedProcesses(mark)
  const children = all.filter(({ role, command }) => role === 'codex' && command.includes('--listen'))
  return children.length - all.filter(({ role }) => role === 'warden').length
}

function roleOf(command: string): Marked['role'] {
  if (command.includes('run-hub.ts')) return 'hub'
  if (command.includes('app-server')) return 'codex'
  return /^\/bin\/sh -s /.test(command) ? 'warden' : 'other'
}

/** @returns whether it was there to take the signal */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}
