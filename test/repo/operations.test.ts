/** The list of what Codex offers, against what the installed Codex really offers. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { CLIENT_REQUESTS } from '../../src/connectors/codex/generated/methods.ts'

it('[OPS5] docs/operations.md names every client method once, in its list', () => {
  const [, list = ''] = readFileSync('docs/operations.md', 'utf8').split(
    '## Client methods of the app-server',
  )
  // The first cell of a row, or the whole of a list entry: hub methods stand in the second cell.
  const cells = list.split('\n').map((line) => (line.startsWith('|') ? line.split('|')[1] : line) ?? '')
  const named = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name))
  expect(named.toSorted()).toEqual([...CLIENT_REQUESTS].toSorted())
})
