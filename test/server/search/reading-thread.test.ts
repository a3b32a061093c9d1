import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Piece } from '../../../src/server/search/messages.ts'
import { ReadingThread } from '../../../src/server/search/reading-thread.ts'
import { event, meta } from '../../connectors/rollout/rollouts.ts'

const THREAD = '01a1fbca-0000-7000-8000-00000000000a'

function rollout(lines: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'reading-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, `rollout-2026-01-01T00-00-00-${THREAD}.jsonl`)
  writeFileSync(path, meta(THREAD) + lines)
  return path
}

function reading(): ReadingThread {
  const thread = new ReadingThread()
  onTestFinished(() => thread.end())
  return thread
}

test('[FTS13] a rollout is read in pieces, and goes on from a piece where an earlier hub stopped', async () => {
  const words = (n: number) => `prompt ${n} ${'x'.repeat(1_000)}`
  const said = Array.from({ length: 1_500 }, (_, n) =>
    event('user_message', { message: words(n), kind: 'plain' }),
  )
  const path = rollout(said.join(''))
  const before: Piece[] = []
  await reading().read([path], null, async (piece) => {
    before.push(piece)
    return before.length < 2
  })
  const after: Piece[] = []
  await reading().read([path], JSON.parse(String(before[1]?.readState)), async (piece) => {
    after.push(piece)
    return true
  })
  const pieces = [...before, ...after]
  expect(after.length).toBeGreaterThan(1)
  expect(pieces.map(({ startsOver }) => startsOver)).toEqual(pieces.map((_, index) => index === 0))
  expect(pieces.map(({ readState }) => readState === null)).toEqual(
    pieces.map((_, index) => index === pieces.length - 1),
  )
  expect(pieces.flatMap(({ texts }) => texts.map(({ text }) => text))).toEqual(
    Array.from({ length: 1_500 }, (_, n) => words(n)),
  )
})

test('[FTS14] a rollout that cannot be read is told, and the thread reads the next one', async () => {
  const thread = reading()
  const none = thread.read(['/nowhere/rollout-2026-01-01T00-00-00-x.jsonl'], null, async () => true)
  await expect(none).rejects.toThrow('ENOENT')
  const pieces: Piece[] = []
  const path = rollout(event('agent_message', { message: 'still here' }))
  await thread.read([path], null, async (piece) => pieces.push(piece) > 0)
  expect(pieces.flatMap(({ texts }) => texts.map(({ kind, text }) => [kind, text]))).toEqual([
    ['message', 'still here'],
  ])
})
