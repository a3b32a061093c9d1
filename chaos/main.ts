/**
 * Fault runs: `npm run chaos -- [--rounds N] [--seed S] [--engine process|quick|mixed] [--short] [--json]`. Round i plays
 * the seed S+i; what failed is played again by its seed alone. Exits 1 when a promise was broken.
 */
import { parseArgs } from 'node:util'
import { runRounds } from './run.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string' },
    engine: { type: 'string', default: 'mixed' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const say = (line: object, text: string): void => console.log(values.json ? JSON.stringify(line) : text)
const { engine } = values
if (engine !== 'process' && engine !== 'quick' && engine !== 'mixed')
  throw new Error(`--engine is process, quick or mixed, not "${engine}"`)
const first = values.seed ?? (values.short ? '1' : String(Math.floor(Math.random() * 1e6)))
const report = await runRounds({
  rounds: values.short ? 13 : Number(values.rounds),
  seed: Number(first),
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
