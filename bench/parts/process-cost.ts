/** What a process costs, as Linux counts it in /proc: processor time and memory, of that process alone. */
import { readFileSync, writeFileSync } from 'node:fs'

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

export function rssMb(pid: number): number {
  return statusMb(pid, 'VmRSS')
}

/** The most memory it ever held, or held since `forgetPeak`. */
export function peakRssMb(pid: number): number {
  return statusMb(pid, 'VmHWM')
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** Its part of the memory it uses: what it shares with others is counted by shares. */
export function pssMb(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1_024
}
