/** Names of folders and files, for choosing them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { startCli } from '../cli/run-cli.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'

let test: TestHub
let client: HubClient
beforeAll(async () => {
  test = await makeHub({ script: () => [{ say: 'heard' }] })
  client = test.client()
  const { project } = test.codex
  for (const folder of ['apps/shop/.git', 'apps/notes', '.hidden', 'src']) {
    mkdirSync(join(project, folder), { recursive: true })
  }
  writeFileSync(join(project, 'src', 'cart.ts'), '')
  writeFileSync(join(project, 'README.md'), '')
})
afterAll(() => test.close())

it('[FIL1] the folders in a folder are listed by name, with which are repositories; hidden ones and files are not', async () => {
  const { project } = test.codex
  expect(await client.request('folder/list', { path: project })).toEqual({
    path: project,
    parent: dirname(project),
    folders: [
      { name: 'apps', path: join(project, 'apps'), isRepository: false },
      { name: 'src', path: join(project, 'src'), isRepository: false },
    ],
    isPart: false,
  })
  const { folders } = await client.request('folder/list', { path: join(project, 'apps') })
  expect(folders.map(({ name, isRepository }) => [name, isRepository])).toEqual([
    ['notes', false],
    ['shop', true],
  ])
  await expect(client.request('folder/list', { path: join(project, 'README.md') })).rejects.toMatchObject({
    data: { name: 'invalidPath' },
  })
})

it('[FIL2] files are found by letters of their path, in a folder or in that of a session, best first', async () => {
  const { project } = test.codex
  const found = await client.request('file/search', { cwd: project, query: 'cart' })
  expect(found).toMatchObject({ cwd: project, files: [{ path: 'src/cart.ts', kind: 'file' }] })
  expect(found.files[0]?.marks.map((at) => found.files[0]?.path[at]).join('')).toBe('cart')
  const { session } = await client.command('session/create', { cwd: project })
  const there = await client.request('file/search', { sessionId: session.id, query: 'cart' })
  expect(there).toEqual(found)
  const { stdout, exitCode } = await startCli(test.folder, ['files', 'cart', '--session', session.id], {
    CODEX_HUB_URL: test.hub.url,
    CODEX_HUB_TOKEN: test.hub.token,
  })
  expect([stdout, exitCode]).toEqual(['src/cart.ts', 0])
  await expect(client.request('file/search', { query: 'cart' })).rejects.toMatchObject({
    data: { name: 'invalidParams' },
  })
})
