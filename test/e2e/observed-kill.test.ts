/** A hub that is killed again and again while a rollout grows ends with the session that one reading gives. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { makeHubProcess } from '../harness/hub-process.ts'
import { seededRandom } from '../harness/random.ts'
import { until } from '../harness/until.ts'

/** Of each generation of the format; the seed of a failing run is in its title. */
const ROUNDS = [
  ['0.169.0', 11],
  ['0.142.0', 22],
  ['0.98.0', 33],
] as const
const KILLS = 3

const closers: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closers.reverse()) await close()
})

/** Everything of the one session a hub has, without what belongs to this hub alone. */
async function sessionOf(client: HubClient) {
  const { sessions } = await client.request('session/list', {})
  const [first] = sessions
  if (!first) return { count: 0, items: [], turns: [] }
  const sessionId = first.id
  client.session(sessionId)
  // What is open is read up before the answer.
  const items = await client.request('session/items', { sessionId, limit: 500, order: 'oldestFirst' })
  const { turns } = await client.request('session/turns', { sessionId, limit: 500 })
  const { counters, tokens, title, settings } = first
  return { count: sessions.length, counters, tokens, title, settings, items: items.items, turns }
}

it.each(ROUNDS)(
  '[ADO7] a rollout of %s that grows while the hub is killed (seed %d) is read as if in one go',
  async (version, seed) => {
    const random = seededRandom(seed)
    const folder = new URL(`../fixtures/rollouts/${version}/`, import.meta.url)
    const [name = ''] = readdirSync(folder)
    const bytes = readFileSync(new URL(name, folder))
    const hub = await makeHubProcess({ script: () => [] }, { observedEndMs: 60_000 })
    closers.push(() => hub.close())
    const day = join(hub.codex.home, 'sessions/2026/11/21')
    mkdirSync(day, { recursive: true })
    const path = join(day, name)
    let written = 0
    const grow = (until: number): void => {
      appendFileSync(path, bytes.subarray(written, until))
      written = until
    }
    grow(Math.floor(bytes.length * 0.1))
    for (let kill = 0; kill < KILLS; kill += 1) {
      await hub.start()
      const end = Math.floor(bytes.length * (0.1 + (0.8 * (kill + 1)) / KILLS))
      // In pieces that end anywhere: inside of lines, and of characters.
      while (written < end) {
        grow(Math.min(end, written + 1 + Math.floor(random() * 9_000)))
        await setTimeout(Math.floor(random() * 12))
      }
      await hub.kill()
    }
    grow(bytes.length)
    await hub.start()
    const fresh = await makeHubProcess(
      { script: () => [] },
      { observedEndMs: 60_000, codexHome: hub.codex.home },
    )
    closers.push(() => fresh.close())
    await fresh.start()
    let expected: Awaited<ReturnType<typeof sessionOf>> | undefined
    // Both have read all of it once they say the same and what they say is whole.
    await until(async () => {
      expected = await sessionOf(fresh.client())
      return expected.items.length > 0 && expected.turns.length > 2
    })
    await until(async () => (await sessionOf(hub.client())).items.length >= (expected?.items.length ?? 0))
    expect(await sessionOf(hub.client())).toEqual(await sessionOf(fresh.client()))
  },
)
