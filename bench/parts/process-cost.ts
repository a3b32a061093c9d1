/** What a process costs, as Linux counts it in /proc: processor time and memory, of that process alone. */
import { readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second wherever Node runs. */
const TICKS_PER_SECOND = 100

/** Seconds of processor so far, in user and kernel mode, of all its threads. */
export function cpuSeconds(pid: number): number {
  // The name may hold spaces and brackets; the fields count from behind its last bracket.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

const statusMb = (pid: number, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) /
  1_024

/** The most memory it ever held. */
export function peakRssMb(pid: number): number {
  return statusMb(pid, 'VmHWM')
}
