/**
 * Holds SPEC.md and the tests together: every rule is cited by a test, every test cites rules that exist, no id twice,
 * and each prefix has one section, whose heading names it.
 * Exits 1 with a list of what is wrong.
 */
import { globSync, readFileSync } from 'node:fs'

const RULE = /^- \[([A-Z]{3}\d+)\] \S/gm
const SECTION = /^## ([A-Z]{3}(?:, [A-Z]{3})*): (?:.*\n(?!## ))*/gm
/** A title is the first string after `it(` or `test(`, or after the closing bracket of a table: `it.each([…])('…'`. */
const TEST =
  /(?:\b(?:it|test)(?:\.(?:skip|only|concurrent|sequential))*|\b(?:it|test)\.(?:runIf|skipIf|each|for)\([^\n]*\)|^\s*\]\))\(\s*(['"`])((?:\\.|(?!\1)[\s\S])*)\1/gm

const faults: string[] = []
const rules = new Map<string, number>()
const spec = readFileSync('SPEC.md', 'utf8')
for (const [, id = ''] of spec.matchAll(RULE)) {
  if (rules.has(id)) faults.push(`SPEC.md: ${id} stands twice`)
  rules.set(id, 0)
}
const homes = new Map<string, string>()
for (const [section, named = ''] of spec.matchAll(SECTION)) {
  const prefixes = named.split(', ')
  const inside = new Set([...section.matchAll(RULE)].map(([, id = '']) => id.slice(0, 3)))
  for (const prefix of prefixes) {
    if (homes.has(prefix)) faults.push(`SPEC.md: two sections are named ${prefix}`)
    if (!inside.has(prefix)) faults.push(`SPEC.md: section ${prefix} has no rule`)
    homes.set(prefix, named)
  }
  for (const prefix of inside) {
    if (!prefixes.includes(prefix)) faults.push(`SPEC.md: ${prefix} rules stand in section ${named}`)
  }
}
for (const id of rules.keys()) {
  if (!homes.has(id.slice(0, 3))) faults.push(`SPEC.md: ${id} stands in no section of its prefix`)
}
let tests = 0
for (const file of globSync('test/**/*.ts').sort()) {
  const text = readFileSync(file, 'utf8')
  for (const match of text.matchAll(TEST)) {
    const title = match[2] ?? ''
    const line = text.slice(0, match.index).split('\n').length
    tests += 1
    const cited = [...title.matchAll(/\[([A-Z]{3}\d+)\]/g)].map(([, id = '']) => id)
    if (cited.length === 0) faults.push(`${file}:${line}: "${title.slice(0, 60)}" cites no rule`)
    for (const id of cited) {
      const count = rules.get(id)
      if (count === undefined) faults.push(`${file}:${line}: ${id} is not in SPEC.md`)
      else rules.set(id, count + 1)
    }
  }
}
for (const [id, count] of rules) if (count === 0) faults.push(`SPEC.md: ${id} is proven by no test`)
if (tests === 0) faults.push('no tests were found')
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log(`${rules.size} rules, ${tests} tests, every rule proven`)
