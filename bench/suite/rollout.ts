/** What observing costs the part that does it: reading rollouts, finding and outlining them. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { outlineThread } from '../../src/connectors/rollout/head-tail.ts'
import { chokidarHints } from '../../src/connectors/rollout/hints.ts'
import { RolloutReader } from '../../src/connectors/rollout/reader.ts'
import type { WatchedThread } from '../../src/connectors/rollout/thread-files.ts'
import { RolloutWatcher } from '../../src/connectors/rollout/watch.ts'
import type { Bench, BenchOptions } from '../bench.ts'
import { instant } from '../parts/instant.ts'
import { longRollout, threadIdOf, writeRollouts } from '../parts/rollouts.ts'
import { atLeast, type Figure, type Outcome } from '../report/outcome.ts'
import { median } from '../report/statistics.ts'

const MB = 2 ** 20
const READ_MB = 40
const VERSIONS = ['0.47.0', '0.98.0', '0.142.0', '0.169.0']
const USUAL = { files: 2_000, mb: 400 }
const LONG = { files: 10_000, mb: 2_000 }
const SHORT = { files: 200, mb: 20 }

export const rollout: Bench = {
  name: 'rollout',
  title: 'Rollouts',
  about: `A rollout of ${READ_MB} MB read to its end, of several releases of Codex; the baseline reads the same file, splits it into lines and parses each; both have done so twice before they are timed. Then a home of ${USUAL.files} rollouts (${LONG.files} with \`--long\`) is found and each is outlined: its name, its first prompt, its state. In the bench's own process.`,
  run,
}

async function run(options: BenchOptions): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), 'bench-rollout-'))
  try {
    const figures: Figure[] = []
    const ratios: number[] = []
    for (const version of VERSIONS) {
      const { read, bare } = await ingest(options, root, version)
      figures.push({ what: `${version}: read`, unit: 'MB/s', hub: read, baseline: bare })
      ratios.push(median(read) / median(bare))
    }
    figures.push(...(await outline(options, root)))
    const least = Math.min(...ratios)
    return { figures, aims: [atLeast('reading ≥ 0.6 of bare parsing', least, 0.6, 'of it')] }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Reads, splits and parses: less than this nobody can do who looks at every line. */
function readBare(path: string): void {
  const file = openSync(path, 'r')
  const chunk = Buffer.alloc(256 * 1024)
  let rest: Buffer = Buffer.alloc(0)
  for (;;) {
    const length = readSync(file, chunk, 0, chunk.length, null)
    if (length === 0) break
    const bytes =
      rest.length > 0 ? Buffer.concat([rest, chunk.subarray(0, length)]) : chunk.subarray(0, length)
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      JSON.parse(bytes.toString('utf8', from, end))
      from = end + 1
    }
    rest = Buffer.from(bytes.subarray(from))
  }
  closeSync(file)
}

async function ingest(
  { rounds, say }: BenchOptions,
  root: string,
  version: string,
): Promise<{ read: number[]; bare: number[] }> {
  const path = join(root, `rollout-2026-01-01T00-00-00-${threadIdOf(0)}.jsonl`)
  writeFileSync(path, longRollout(version, READ_MB * MB, threadIdOf(0)))
  const mb = statSync(path).size / MB
  const out = { read: [] as number[], bare: [] as number[] }
  const readAll = async (): Promise<void> => {
    const reader = new RolloutReader([path], null)
    while (!(await reader.read()).atEnd);
  }
  // Both compiled before they are timed: who has gigabytes to read is past that after the first of them.
  for (let round = 0; round < 2; round += 1) {
    readBare(path)
    await readAll()
  }
  for (let round = 0; round < rounds; round += 1) {
    let began = instant()
    readBare(path)
    out.bare.push(mb / ((instant() - began) / 1_000))
    began = instant()
    await readAll()
    out.read.push(mb / ((instant() - began) / 1_000))
  }
  say(`${version}: ${median(out.read).toFixed(0)} MB/s, bare ${median(out.bare).toFixed(0)} MB/s`)
  rmSync(path)
  return out
}

async function outline({ isLong, isShort, say }: BenchOptions, root: string): Promise<Figure[]> {
  const { files, mb } = isLong ? LONG : isShort ? SHORT : USUAL
  const home = join(root, 'home')
  writeRollouts(home, files, mb * MB)
  const found: WatchedThread[] = []
  const watcher = new RolloutWatcher({
    codexHome: home,
    clock: systemClock,
    openHints: chokidarHints,
    onEvent: (event) => {
      if (event.type === 'found') found.push(event.thread)
    },
    onHealth: (problems) => say(JSON.stringify(problems)),
  })
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const began = instant()
    await work()
    return instant() - began
  }
  const findMs = await timed(() => watcher.start())
  const sweepMs = await timed(() => watcher.sweep())
  let next = 0
  const work = async (): Promise<void> => {
    for (let thread = found[next++]; thread; thread = found[next++]) {
      await outlineThread(thread.threadId, thread.paths)
    }
  }
  const outlineMs = await timed(() => Promise.all([work(), work(), work(), work()]))
  await watcher.close()
  say(`${files} rollouts outlined in ${outlineMs.toFixed(0)} ms`)
  return [
    { what: `${files} rollouts (${mb} MB): found`, unit: 'ms', hub: [findMs] },
    { what: `${files} rollouts: one more sweep`, unit: 'ms', hub: [sweepMs] },
    { what: `${files} rollouts: outlined`, unit: 'ms', hub: [outlineMs] },
  ]
}
