/** Codex homes switched on and off while the hub runs, as a client does it. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { connectHub, type HubClient } from '../../src/client/client.ts'
import { isHubError } from '../../src/protocol/errors.ts'
import { readConfig } from '../../src/server/config.ts'
import { startHub } from '../../src/server/hub.ts'
import type { RunningHub } from '../../src/server/hub-options.ts'
import { cliOf } from '../cli/run-cli.ts'
import { event, meta } from '../connectors/rollout/rollouts.ts'
import { FakeDriver } from '../harness/fake-connector.ts'
import { until } from '../harness/until.ts'

let root: string
let hub: RunningHub
let client: HubClient
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'homes-'))
  mkdirSync(join(root, 'hub'))
  for (const home of ['own', 'other']) mkdirSync(join(root, home, 'sessions/2026/01/01'), { recursive: true })
})
afterEach(async () => {
  await stop()
  rmSync(root, { recursive: true, force: true })
})

async function stop(): Promise<void> {
  client.close()
  await hub.close()
}

async function start(): Promise<void> {
  const folder = join(root, 'hub')
  hub = await startHub({
    folder,
    config: readConfig(folder, { port: 0, codexHome: join(root, 'own'), logLevel: 'silent' }),
    version: '0.0.0',
    makeDriver: () => new FakeDriver() as never,
  })
  client = connectHub({ url: hub.url, token: hub.token, client: { id: 'laptop', name: 'laptop' } })
  await hub.adopted
}

const idOf = (number: number) => `01a1fbca-0000-7000-8000-${String(number).padStart(12, '0')}`
const pathOf = (home: string, number: number) =>
  join(root, home, `sessions/2026/01/01/rollout-2026-01-01T00-00-00-${idOf(number)}.jsonl`)
const begin = (home: string, number: number) =>
  writeFileSync(pathOf(home, number), meta(idOf(number)) + event('user_message', { message: `of ${home}` }))
const doors = async () => {
  const { sessions } = await client.request('session/list', {})
  return sessions.map(({ title, door }) => `${title}: ${door}`).sort()
}
const adoptions = async () => {
  const { homes } = await client.request('home/list', {})
  return homes.map(({ codexHome, adopt }) => [codexHome, adopt])
}

it('[ADO18] a home is added, switched off and on and forgotten while the hub runs', async () => {
  begin('own', 1)
  begin('other', 2)
  await start()
  await until(async () => (await doors()).join() === 'of own: observed')
  const other = join(root, 'other')
  const { homes } = await client.command('home/set', { home: other, adopt: true })
  expect(homes.map(({ codexHome, adopt, threads }) => ({ codexHome, adopt, threads }))).toEqual([
    { codexHome: join(root, 'own'), adopt: true, threads: 1 },
    { codexHome: other, adopt: true, threads: 1 },
  ])
  await until(async () => (await doors()).join() === 'of other: observed,of own: observed')
  await client.command('home/set', { home: join(root, 'own'), adopt: false })
  expect(await doors()).toEqual(['of other: observed', 'of own: dormant'])
  // What happens there is not seen until it is switched on again.
  begin('own', 3)
  appendFileSync(pathOf('own', 1), event('agent_message', { message: 'meanwhile' }))
  expect(await doors()).toHaveLength(2)
  await client.command('home/set', { home: join(root, 'own'), adopt: true })
  await until(async () => (await doors()).join() === 'of other: observed,of own: observed,of own: observed')
  await client.command('home/forget', { home: other })
  expect(await adoptions()).toEqual([[join(root, 'own'), true]])
  expect(await doors()).toEqual(['of other: dormant', 'of own: observed', 'of own: observed'])
  const cli = cliOf(join(root, 'hub'))
  expect((await cli('adopt', '--off', join(root, 'own'))).stdout).toContain('adoption is off')
  expect(await adoptions()).toEqual([[join(root, 'own'), false]])
})

it('[ADO19] homes hold after a restart beside what else is configured; what makes no sense is refused', async () => {
  const file = join(root, 'hub/config.json')
  writeFileSync(file, JSON.stringify({ graceMs: 5_000, homes: [{ path: '~/not-there' }] }))
  await start()
  const other = join(root, 'other')
  await client.command('home/set', { home: other, adopt: false })
  await client.command('home/set', { home: join(root, 'own'), adopt: false })
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    graceMs: 5_000,
    homes: [
      { path: join(root, 'own'), adopt: false },
      { path: '~/not-there', adopt: true },
      { path: other, adopt: false },
    ],
  })
  const known = await adoptions()
  await stop()
  await start()
  expect(await adoptions()).toEqual(known)
  const refusal = (command: Promise<unknown>) =>
    command.then(
      () => 'none',
      (error: unknown) =>
        isHubError(error) ? [error.data.name, (error.data.facts as { reason?: string }).reason] : error,
    )
  expect(await refusal(client.command('home/forget', { home: join(root, 'own') }))).toEqual([
    'notPossible',
    'ownHome',
  ])
  expect(await refusal(client.command('home/forget', { home: '/nowhere' }))).toEqual(['notFound', undefined])
  expect(await refusal(client.command('home/set', { home: '/nowhere', adopt: true }))).toEqual([
    'invalidPath',
    undefined,
  ])
  writeFileSync(file, '{"homes"')
  expect(await refusal(client.command('home/set', { home: other, adopt: true }))).toEqual([
    'notPossible',
    'configFile',
  ])
  expect(await adoptions()).toEqual(known)
  expect(readFileSync(file, 'utf8')).toBe('{"homes"')
  writeFileSync(file, '{}')
})
