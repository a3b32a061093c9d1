/** docs/operations.md against what Codex really offers, what the hub has, and what its command line has. */
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { CLIENT_REQUESTS } from '../../src/connectors/codex/generated/methods.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import { METHODS } from '../../src/protocol/methods.ts'
import { startCli } from '../cli/run-cli.ts'
import { CODEX_METHODS } from '../harness/codex-methods.ts'

const [OPERATIONS = '', CODEX_LIST = ''] = readFileSync('docs/operations.md', 'utf8').split(
  '## Client methods of the app-server',
)

const quoted = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string)

/** Rows of operations: their cells, without the heads of the tables. */
const ROWS = OPERATIONS.split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| operation'))
  .map((line) => {
    const [, operation = '', hub, command, codex, versions = ''] = line.split('|')
    return {
      operation: operation.trim(),
      hub: quoted(hub),
      commands: quoted(command),
      codex: quoted(codex),
      versions,
    }
  })

it('[OPS5] docs/operations.md names every client method once, in its list', () => {
  // The first cell of a row: hub methods stand in the second.
  const cells = CODEX_LIST.split('\n').map((line) => (line.startsWith('|') ? line.split('|')[1] : ''))
  expect(cells.flatMap(quoted).toSorted()).toEqual([...CLIENT_REQUESTS].toSorted())
})

it('[OPS12] every method of the hub is named, and no other', () => {
  const named = new Set(quoted(OPERATIONS))
  expect(Object.keys(METHODS).filter((method) => !named.has(method))).toEqual([])
  const unknown = ROWS.flatMap(({ hub }) => hub).filter((name) => name.includes('/') && !(name in METHODS))
  expect(unknown).toEqual([])
})

it('[OPS12] the commands that are named exist', async () => {
  const { stdout } = await startCli(tmpdir(), ['--help'])
  const [, list = ''] = stdout.split('Commands:')
  const commands = new Set([...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name))
  const named = ROWS.flatMap((row) => row.commands.map((text) => text.split(' ')[0]))
  expect(named.length).toBeGreaterThan(50)
  expect(named.filter((name) => !commands.has(name))).toEqual([])
})

it('[OPS12] each row says in which release its methods of Codex begin', () => {
  const releases = Object.keys(CODEX_METHODS)
  const wrong = ROWS.flatMap(({ operation, codex, versions }) => {
    const said = [...versions.matchAll(/\b0\.\d+/g)].map(([version]) => `${version}.0`)
    const base = said[0] ?? '0.80.0'
    return codex.flatMap((method) => {
      const first = releases.find((release) => CODEX_METHODS[release]?.includes(method))
      // What begins before all of the operation does needs no word.
      if (first === undefined || said.includes(first) || (first !== base && isAtLeast(base, first))) return []
      return [`${operation}: ${method} begins with ${first}, not ${versions.trim()}`]
    })
  })
  expect(wrong).toEqual([])
})
