/** Fault runs: `npm run chaos -- --help` says how. */
import { Command, Option } from 'commander'
import { wholeNumber } from '../scripts/whole-number.ts'
import { runRounds } from './run.ts'

interface Values {
  readonly rounds: number
  readonly seed?: number
  readonly engine: 'process' | 'quick' | 'mixed'
  readonly short?: true
  readonly json?: true
}

const values = new Command('npm run chaos --')
  .description('Fault runs. Exits with 1 when a promise was broken, with 2 when it was asked wrongly.')
  .option('--rounds <n>', 'how many', wholeNumber, 100)
  .option('--seed <s>', 'of the first round; each later one has the next (default: any)', wholeNumber)
  .addOption(
    new Option('--engine <kind>', 'real processes, one process, or mostly that and each 25th round real')
      .choices(['process', 'quick', 'mixed'])
      .default('mixed'),
  )
  .option('--short', '13 rounds with fixed seeds')
  .option('--json', 'a line of JSON for each round, and one for all')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Values>()
const say = (line: object, text: string): void => console.log(values.json ? JSON.stringify(line) : text)
const { engine } = values
const report = await runRounds({
  rounds: values.short ? 13 : values.rounds,
  seed: values.seed ?? (values.short ? 1 : Math.floor(Math.random() * 1e6)),
  engine,
  told: ({ index, seed, kind, ms, report: { faults, violations, commands, acknowledged, timeline } }) => {
    const named = [...faults].map(([fault, times]) => (times > 1 ? `${fault} ×${times}` : fault)).join(', ')
    const end = violations.length === 0 ? 'ok' : 'VIOLATED'
    say(
      {
        round: index,
        seed,
        kind,
        ms,
        commands,
        acknowledged,
        faults: Object.fromEntries(faults),
        violations,
      },
      `${String(index + 1).padStart(4)} seed ${seed} ${kind} ${(ms / 1_000).toFixed(1)} s, ${acknowledged}/${commands} acknowledged; ${named || 'no faults'}: ${end}`,
    )
    for (const { rule, message } of violations)
      say({ seed, rule, message }, `     ${rule}: ${message.slice(0, 4_000)}`)
    if (timeline.length > 0) say({ seed, timeline }, timeline.map((line) => `     ${line}`).join('\n'))
  },
})
const faults = Object.fromEntries([...report.faults].sort(([a], [b]) => (a < b ? -1 : 1)))
const lines = [
  '',
  `${report.rounds} rounds (${report.byKind.process} with real processes, ${report.byKind.quick} in this one) in ${Math.round(report.ms / 1_000)} s; ${report.acknowledged} of ${report.commands} commands acknowledged`,
  ...Object.entries(faults).map(([kind, times]) => `${String(times).padStart(7)} ${kind}`),
  `most memory of a hub in a process of its own: ${Math.round(report.peakBytes / 2 ** 20)} MB; heap of this one as it went: ${report.heapMb.join(', ')} MB`,
  report.violations.length === 0 ? 'no violation' : `${report.violations.length} violations`,
  ...report.violations.map(
    ({ seed, rule, kind }) => `  ${rule}: npm run chaos -- --engine ${kind} --rounds 1 --seed ${seed}`,
  ),
]
say({ ...report, faults }, lines.join('\n'))
process.exit(report.violations.length === 0 ? 0 : 1)
