/** What the benches say is arithmetic and a table: both are right, whatever the machine does. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { atLeast, atMost, type Outcome, round } from '../../bench/report/outcome.ts'
import { renderSection, type Section, writeResults } from '../../bench/report/results.ts'
import { median, quantile, spread } from '../../bench/report/statistics.ts'

let folder: string | null = null
afterEach(() => {
  if (folder !== null) rmSync(folder, { recursive: true })
  folder = null
})

const sectionOf = (name: string, outcome: Partial<Outcome> = {}): Section => ({
  name,
  title: `The ${name}`,
  about: 'Something is measured.',
  circumstances: 'on a quiet day',
  outcome: { figures: [], aims: [], ...outcome },
})

it('[BNC1] the spread of some rounds is their least, their middle and their largest', () => {
  expect(spread([5, 1, 9, 2, 8])).toEqual({ min: 1, median: 5, max: 9 })
  expect(median([4, 1, 3, 2])).toBe(2.5)
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([0, 0.5, 0.99, 1].map((part) => quantile(hundred, part))).toEqual([1, 51, 100, 100])
  expect(median([])).toBeNaN()
})

it('[BNC1] a figure stands in the table with its baseline and the ratio of the middles', () => {
  const text = renderSection(
    sectionOf('race', {
      figures: [
        { what: 'time', unit: 'ms', hub: [30, 10, 20], baseline: [50, 40, 400] },
        { what: 'a | b', unit: 'MB', hub: [1_234.5] },
      ],
    }),
  )
  expect(text.split('\n').filter((line) => line.startsWith('|'))).toEqual([
    '| figure | hub | baseline | ratio |',
    '| --- | --- | --- | --- |',
    '| time | 10 / **20** / 30 ms | 40 / **50** / 400 ms | 0.4 |',
    '| a \\| b | **1,235** MB |  |  |',
  ])
})

it('[BNC1] numbers are told with the digits that count', () => {
  expect([0, 0.012345, 1.5, 99.96, 123.4, 1e6, Number.NaN].map(round)).toEqual([
    '0',
    '0.0123',
    '1.5',
    '100',
    '123',
    '1,000,000',
    '–',
  ])
})

it('[BNC2] a bench that runs again replaces its section and leaves the others alone', () => {
  folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const path = join(folder, 'RESULTS.md')
  const names = ['first', 'second', 'third']
  const note = (text: string) => ({ notes: [text] })
  writeResults(
    path,
    [sectionOf('third', note('third, once')), sectionOf('first', note('first, once'))],
    names,
  )
  const before = readFileSync(path, 'utf8')
  writeResults(path, [sectionOf('second', note('second, once'))], names)
  writeResults(path, [sectionOf('first', note('first, again'))], names)
  const after = readFileSync(path, 'utf8')
  expect(before.match(/^\w+, \w+$/gm)).toEqual(['first, once', 'third, once'])
  expect(after.match(/^\w+, \w+$/gm)).toEqual(['first, again', 'second, once', 'third, once'])
  expect(after.match(/^# Results$/gm)).toHaveLength(1)
  expect(after.match(/^<!-- bench: \w+ -->$/gm)).toHaveLength(3)
})

it('[BNC3] an aim says whether it was met, and why not', () => {
  const text = renderSection(
    sectionOf('race', {
      aims: [
        atMost('at most 5 ms', 5, 5, 'ms', 'never shown'),
        atMost('at most 5 MB', 6, 5, 'MB', 'Node itself takes 5.'),
        atLeast('at least 10 times', 9.5, 10, 'times'),
      ],
    }),
  )
  expect(text.split('\n').filter((line) => line.includes('at '))).toEqual([
    '| at most 5 ms | 5 ms | met |',
    '| at most 5 MB | 6 MB | **not met**: Node itself takes 5. |',
    '| at least 10 times | 9.5 times | **not met** |',
  ])
})
