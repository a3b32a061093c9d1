/** Runs the benches and writes `RESULTS.md`: `npm run bench -- --help` says how. */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import { wholeNumber } from '../scripts/whole-number.ts'
import { versionOfTestCodex } from '../test/harness/test-codex.ts'
import type { Bench, BenchOptions } from './bench.ts'
import { renderSection, type Section, writeResults } from './report/results.ts'
import { adoption } from './suite/adoption.ts'
import { besideTrouble } from './suite/beside-trouble.ts'
import { catchUp } from './suite/catch-up.ts'
import { create } from './suite/create.ts'
import { fanOutBurst } from './suite/fan-out-burst.ts'
import { fanOutPaced } from './suite/fan-out-paced.ts'
import { followed } from './suite/followed.ts'
import { idleCost } from './suite/idle-cost.ts'
import { isolation } from './suite/isolation.ts'
import { manySessions } from './suite/many-sessions.ts'
import { page } from './suite/page.ts'
import { restart } from './suite/restart.ts'
import { rollout } from './suite/rollout.ts'
import { soak } from './suite/soak.ts'
import { store } from './suite/store.ts'

const BENCHES: readonly Bench[] = [
  fanOutBurst,
  fanOutPaced,
  besideTrouble,
  manySessions,
  create,
  idleCost,
  isolation,
  store,
  restart,
  catchUp,
  adoption,
  followed,
  rollout,
  page,
  soak,
]

const BUSY =
  'The machine had more than twice the work it has processors for: times, and the tails of latency above all, are worse than the hub is. Run it again on a quiet one.'

const ROOT = join(import.meta.dirname, '..')

interface Values {
  readonly rounds: number
  readonly short?: true
  readonly long?: true
  readonly source?: true
  readonly dry?: true
}

const names = BENCHES.map(({ name }) => name)
const command = new Command('npm run bench --')
  .description(
    'Measures the hub beside a baseline. Exits with 1 when a bench failed, with 2 when it was asked wrongly.',
  )
  .addArgument(new Argument('[names...]', 'which (default: all)').choices(names))
  .option('--rounds <n>', 'how often each is measured', wholeNumber, 5)
  .option('--short', 'less of everything')
  .option('--long', 'half an hour of soak, ten minutes of writing, years of rollouts')
  .option('--source', 'the hub as it runs from source')
  .option('--dry', 'leave RESULTS.md as it is')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
const values = command.opts<Values>()
const chosen = command.args.length === 0 ? BENCHES : BENCHES.filter(({ name }) => command.args.includes(name))
if (!values.source) {
  console.log('compiling the hub')
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: ROOT, stdio: 'inherit' })
}
// So that whatever ends at its exit does so for Ctrl-C, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const codexVersion = await versionOfTestCodex()
const failed: string[] = []
for (const bench of chosen) {
  const section = await measure(bench).catch((error: unknown) => {
    console.error(error)
    failed.push(bench.name)
    return null
  })
  if (section === null) continue
  console.log(`\n${renderSection(section)}`)
  // At once: a later bench that fails costs this one nothing.
  if (!values.dry) writeResults(join(ROOT, 'bench/RESULTS.md'), [section], names)
}
if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}`)
process.exit(failed.length > 0 ? 1 : 0)

async function measure(bench: Bench): Promise<Section> {
  const began = performance.now()
  const options: BenchOptions = {
    rounds: values.rounds,
    isShort: values.short === true,
    isLong: values.long === true,
    build: values.source ? 'source' : 'compiled',
    say: (line) =>
      console.log(`  ${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}`),
  }
  console.log(`\n${bench.title}`)
  const loadBefore = loadText()
  const found = await bench.run(options)
  const outcome = isBusy() ? { ...found, notes: [...(found.notes ?? []), BUSY] } : found
  const [cpu] = cpus()
  const circumstances = [
    new Date().toISOString().slice(0, 16).replace('T', ' '),
    `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${release()}`,
    `Node ${process.versions.node}, Codex ${codexVersion}`,
    values.source ? 'the hub from source' : 'the hub compiled',
    `load ${loadBefore} before, ${loadText()} after`,
    `${Math.round((performance.now() - began) / 1_000)} s`,
    ...(values.short ? ['the short form'] : []),
    ...(values.long ? ['the long form'] : []),
  ].join(' · ')
  return { name: bench.name, title: bench.title, about: bench.about, circumstances, outcome }
}

function isBusy(): boolean {
  return (loadavg()[0] as number) > 2 * cpus().length
}

/** Of the last minute: how much the machine had to do. */
function loadText(): string {
  return (loadavg()[0] as number).toFixed(1)
}
