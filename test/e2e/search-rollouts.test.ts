/** Search in sessions that nobody opened here: their rollouts are read for it in the background. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { afterEach, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { event, meta, recordingPath, VERSIONS } from '../connectors/rollout/rollouts.ts'
import { makeHub } from '../harness/hub.ts'
import { until } from '../harness/until.ts'
import { stateWhere } from '../harness/watch.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const OLD = Date.now() / 1_000 - 3 * 86_400
const threadIdOf = (index: number) => `01a1fbca-0000-7000-8000-${index.toString(16).padStart(12, '0')}`

/** A home of others with rollouts that nobody writes any more, and a hub that adopts it. */
async function start(fill: (folder: string) => void) {
  const root = mkdtempSync(join(tmpdir(), 'search-'))
  const folder = join(root, 'sessions/2026/01/01')
  mkdirSync(folder, { recursive: true })
  closers.push(() => rmSync(root, { recursive: true, force: true }))
  fill(folder)
  const test = await makeHub({
    script: () => [{ say: 'heard' }],
    config: { homes: [{ path: root, adopt: true }] },
  })
  closers.push(() => test.close())
  return { test, folder, client: test.client('laptop') }
}

function put(folder: string, index: number, lines: string, ending = ''): string {
  const path = join(folder, `rollout-2026-01-01T00-00-00-${threadIdOf(index)}.jsonl${ending}`)
  const text = meta(threadIdOf(index)) + lines
  writeFileSync(path, ending === '' ? text : zstdCompressSync(Buffer.from(text)))
  utimesSync(path, OLD, OLD)
  return path
}

const prompt = (message: string) => event('user_message', { message, kind: 'plain' })
const answer = (message: string) => event('agent_message', { message })

async function complete(client: HubClient, total: number) {
  await until(async () => {
    const { index } = await client.request('session/search', { query: '' })
    return index.isComplete && index.rollouts.total === total
  })
}

async function texts(client: HubClient, query: string) {
  const { hits } = await client.request('session/search', { query, kinds: ['prompt', 'message'] })
  return hits.map(({ snippet }) => snippet.text).toSorted()
}

it('[FTS12] what was said in rollouts of every release is found, and opening them makes no hit twice', async () => {
  const { client } = await start((folder) => {
    for (const version of VERSIONS) {
      const path = join(folder, basename(recordingPath(version)))
      cpSync(recordingPath(version), path)
      utimesSync(path, OLD, OLD)
    }
  })
  await complete(client, VERSIONS.length)
  const search = () => client.request('session/search', { query: '你好', kinds: ['message'] })
  const { hits } = await search()
  expect(hits.map(({ snippet, seq }) => [snippet.text, seq])).toEqual(
    VERSIONS.map(() => ['Hello – 你好', null]),
  )
  expect(new Set(hits.map(({ sessionId }) => sessionId)).size).toBe(VERSIONS.length)
  // Opened, a session's history comes into the store, and its items are the same.
  for (const { sessionId } of hits) {
    const view = client.session(sessionId)
    await stateWhere(view, ({ items, summary }) => items.length > 0 && summary.reading === null)
    view.release()
  }
  await until(async () => (await search()).hits.every(({ seq }) => seq !== null))
  const again = await search()
  expect(again.hits.map(({ sessionId, itemId }) => [sessionId, itemId]).toSorted()).toEqual(
    hits.map(({ sessionId, itemId }) => [sessionId, itemId]).toSorted(),
  )
})

it('[FTS13] what is indexed stays so over a restart; what changed is read anew, what is gone is found no longer', async () => {
  const paths: string[] = []
  const lines = (word: string) => prompt(`about the ${word}`) + answer(`the ${word} it is`)
  const { test, folder, client } = await start((into) => {
    for (const [index, word] of ['heron', 'egret', 'stork'].entries())
      paths.push(put(into, index, lines(word)))
  })
  await complete(client, 3)
  expect(await texts(client, 'heron')).toEqual(['about the heron', 'the heron it is'])
  // The same size and time: whoever reads it again finds other words.
  put(folder, 0, lines('crane'))
  put(folder, 1, lines('flamingo'))
  await test.restart()
  const next = test.client('laptop')
  await complete(next, 3)
  expect([await texts(next, 'heron'), await texts(next, 'crane')]).toEqual([
    ['about the heron', 'the heron it is'],
    [],
  ])
  expect([await texts(next, 'egret'), await texts(next, 'flamingo')]).toEqual([
    [],
    ['about the flamingo', 'the flamingo it is'],
  ])
})

it('[FTS14] turns that were taken back, compressed files and files nobody can read are each what they are', async () => {
  const { client } = await start((folder) => {
    put(
      folder,
      0,
      prompt('keep the walnut') +
        answer('walnut kept') +
        prompt('drop the walnut') +
        answer('walnut dropped') +
        event('thread_rolled_back', { num_turns: 1 }),
    )
    put(folder, 1, prompt('a compressed walnut'), '.zst')
    const broken = join(folder, `rollout-2026-01-01T00-00-00-${threadIdOf(2)}.jsonl`)
    writeFileSync(broken, `${meta(threadIdOf(2))}{"half a walnut\n\u0000\u0000garbage walnut\n`)
    utimesSync(broken, OLD, OLD)
    const zst = join(folder, `rollout-2026-01-01T00-00-00-${threadIdOf(3)}.jsonl.zst`)
    writeFileSync(zst, 'no zstd walnut')
    utimesSync(zst, OLD, OLD)
  })
  await until(async () => {
    const { index } = await client.request('session/search', { query: '' })
    return index.isComplete && index.rollouts.indexed >= 3
  })
  expect(await texts(client, 'walnut')).toEqual(['a compressed walnut', 'keep the walnut', 'walnut kept'])
})
