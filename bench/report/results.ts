/**
 * Writes `RESULTS.md`: one section per bench, replaced when that bench runs again, so that a run of one bench leaves
 * the figures of the others as they were measured. It owns the file's form; everything in it comes from outcomes.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type Aim, type Figure, type Outcome, round } from './outcome.ts'
import { median, spread } from './statistics.ts'

export interface Section {
  readonly name: string
  readonly title: string
  readonly about: string
  /** When, on what, beside how much other work. */
  readonly circumstances: string
  readonly outcome: Outcome
}

const HEAD = `# Results

Written by \`npm run bench\`; [README.md](README.md) says how to read it. Each figure is min / **median** / max of its
rounds; a ratio is the hub's median divided by the baseline's, so below 1 the hub takes less.
`

const sectionMark = (name: string): string => `<!-- bench: ${name} -->`

/** Put sections into the file, each in place of an earlier one of its name, in the order of `names`. */
export function writeResults(path: string, sections: readonly Section[], names: readonly string[]): void {
  const known = existsSync(path) ? readSections(readFileSync(path, 'utf8')) : new Map<string, string>()
  for (const section of sections) known.set(section.name, renderSection(section))
  const texts = names.flatMap((name) => known.get(name) ?? [])
  writeFileSync(path, [HEAD, ...texts].join('\n'))
}

/** The texts of the sections by name, each with its mark. */
export function readSections(text: string): Map<string, string> {
  const sections = new Map<string, string>()
  for (const part of text.split(/^(?=<!-- bench: )/m)) {
    const name = /^<!-- bench: (\S+) -->/.exec(part)?.[1]
    if (name !== undefined) sections.set(name, `${part.trimEnd()}\n`)
  }
  return sections
}

export function renderSection({ name, title, about, circumstances, outcome }: Section): string {
  const { figures, aims, notes = [] } = outcome
  const parts = [
    sectionMark(name),
    `## ${title}`,
    '',
    about,
    '',
    `*${circumstances}*`,
    '',
    figureTable(figures),
  ]
  if (aims.length > 0) parts.push('', aimTable(aims))
  for (const note of notes) parts.push('', note)
  return `${parts.join('\n')}\n`
}

function figureTable(figures: readonly Figure[]): string {
  const hasBaseline = figures.some(({ baseline }) => baseline !== undefined)
  const head = hasBaseline ? ['figure', 'hub', 'baseline', 'ratio'] : ['figure', 'hub']
  const rows = figures.map(({ what, unit, hub, baseline }) => {
    const cells = [what, `${three(hub)} ${unit}`]
    if (!hasBaseline) return cells
    if (baseline === undefined) return [...cells, '', '']
    const ratio = round(median(hub) / median(baseline))
    return [...cells, `${three(baseline)} ${unit}`, ratio]
  })
  return table(head, rows)
}

function aimTable(aims: readonly Aim[]): string {
  const rows = aims.map(({ wants, got, isMet, otherwise }) => [
    wants,
    got,
    isMet ? 'met' : `**not met**${otherwise === undefined ? '' : `: ${otherwise}`}`,
  ])
  return table(['aim', 'measured', ''], rows)
}

function three(values: readonly number[]): string {
  if (values.length === 1) return `**${round(values[0] as number)}**`
  const { min, median, max } = spread(values)
  return `${round(min)} / **${round(median)}** / ${round(max)}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
