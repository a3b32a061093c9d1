/** How much memory processes hold, as the system counts it. Something to look at, never something to decide by. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'

/** Resident bytes by pid; what cannot be told is left out. */
export async function readMemory(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  if (pids.length === 0 || process.platform === 'win32') return new Map()
  const entries = process.platform === 'linux' ? await readProc(pids) : await readPs(pids)
  return new Map(entries)
}

async function readProc(pids: readonly number[]): Promise<[number, number][]> {
  const read = pids.map(async (pid): Promise<[number, number][]> => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
    return kilobytes === undefined ? [] : [[pid, Number(kilobytes) * 1024]]
  })
  return (await Promise.all(read)).flat()
}

function readPs(pids: readonly number[]): Promise<[number, number][]> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'pid=,rss=', '-p', pids.join(',')], { timeout: 3_000 }, (_error, stdout) =>
      resolve(
        [...stdout.matchAll(/^\s*(\d+)\s+(\d+)/gm)].map(([, pid, kilobytes]) => [
          Number(pid),
          Number(kilobytes) * 1024,
        ]),
      ),
    )
  })
}
