import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { configSchema } from '../../src/server/config.ts'
import { makeHub } from '../harness/hub.ts'

const README = readFileSync('README.md', 'utf8')

it('[REP7] the script of the README drives a session to its end, with no code of ours', async () => {
  const script = README.match(/```js\n([\s\S]*?)```/)?.[1] ?? ''
  const test = await makeHub({ script: () => [{ say: 'Hello from the scripted model.' }] })
  try {
    const file = join(test.folder, 'script.mjs')
    writeFileSync(file, script)
    const { stdout } = await execa(process.execPath, [file], {
      cwd: test.codex.project,
      env: { HUB_URL: test.hub.url, HUB_TOKEN: test.hub.token },
    })
    expect(stdout).toBe('Hello from the scripted model.')
  } finally {
    await test.close()
  }
})

it('[REP8] the README names the two commands, and the second is what CI runs', () => {
  expect(README).toContain('npm ci && npm start')
  expect(README).toContain('npm ci && npm test')
  const ci = readFileSync('.ci/run', 'utf8')
  expect(ci).toContain('npm ci')
  expect(ci).toContain('npm test')
})

it('[REP11] the README names each setting, and nothing that is none', () => {
  const table = README.split('## Settings')[1]?.split('\n\n')[2] ?? ''
  const rows = table.split('\n').slice(2)
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
  )
  const settings = Object.keys(configSchema.shape)
  expect([...named, 'allowRemote'].toSorted()).toEqual(settings.toSorted())
})
