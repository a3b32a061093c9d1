/** Documents against the code: what they name is there, and what they say it is. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { TOOLS } from '../../src/mcp/tools/all.ts'
import { configSchema } from '../../src/server/config.ts'

const DOCUMENTS = [
  'README.md',
  'PROTOCOL.md',
  'SPEC.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'bench/README.md',
  'chaos/README.md',
  ...globSync('docs/*.md'),
]

const namesIn = (text = ''): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name)

/** Rows of the tables of a text, as their cells. */
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

it('[REP13] files, npm scripts and pages that documents name are there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const missing = DOCUMENTS.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const paths = namesIn(text).filter((name) => /^(src|test|scripts|docs|migrations)\/[\w./-]*$/.test(name))
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link = '']) => link)
    const runs = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name)
    return [
      ...paths.filter((path) => !existsSync(path)),
      ...links.filter((link) => !link.startsWith('http') && !existsSync(join(dirname(file), link))),
      ...runs.filter((name) => !(name in scripts)),
    ].map((name) => `${file}: ${name}`)
  })
  expect(missing).toEqual([])
})

it('[REP14] docs/mcp.md has every tool with its arguments, and says which only read', () => {
  const [, table = ''] = readFileSync('docs/mcp.md', 'utf8').split('\n## Tools\n')
  const said = rowsOf(table.split('\n## ')[0] ?? '')
    .filter(([name]) => namesIn(name).length > 0)
    .map(([name, kind = '', args]) => ({
      name: namesIn(name)[0],
      reads: kind === 'reads',
      destroys: kind.endsWith('ends'),
      args: namesIn(args).toSorted(),
    }))
  const there = TOOLS.map(({ name, reads, destroys = false, input }) => ({
    name,
    reads,
    destroys,
    args: Object.entries(input.shape)
      .map(([key, type]) => (type.safeParse(undefined).success ? `${key}?` : key))
      .toSorted(),
  }))
  expect(said).toEqual(expect.arrayContaining(there))
  expect(said).toHaveLength(there.length)
})

it('[REP15] the README says the defaults that are', () => {
  const table = readFileSync('README.md', 'utf8').split('## Settings')[1]?.split('\n\n')[2] ?? ''
  const defaults: Record<string, unknown> = configSchema.parse({})
  const isOne = (name: string) => ['string', 'number', 'boolean'].includes(typeof defaults[name])
  const said = rowsOf(table).flatMap(([names, values = '']) =>
    namesIn(names).map((name, index) => [name, defaultSaid(values.split(', ')[index] ?? '')] as const),
  )
  expect(Object.fromEntries(said.filter(([name]) => isOne(name)))).toEqual(
    // What may not be left out of the sentence about `host` has no column of its own.
    Object.fromEntries(Object.entries(defaults).filter(([name]) => isOne(name) && name !== 'allowRemote')),
  )
})

function defaultSaid(said: string): unknown {
  const [, minutes] = /^(\d+) minutes$/.exec(said) ?? []
  if (minutes !== undefined) return Number(minutes) * 60_000
  const text = said.replaceAll('`', '')
  return /^(\d+|true|false)$/.test(text) ? JSON.parse(text) : text
}
