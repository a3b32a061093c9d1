import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { connectHub } from '../../src/client/client.ts'
import { until } from '../harness/until.ts'
import { cliOf, printed, startCli } from './run-cli.ts'

interface Demo {
  readonly root: string
  readonly folder: string
  readonly project: string
  readonly url: string
  readonly tokenFile: string
}

it('[CLI6] the demo is driven from another process to the end, and leaves nothing behind', async () => {
  const demo = startCli('', ['--json', 'demo'])
  const { root, folder, project, url, tokenFile } = JSON.parse(await printed(demo, /\n/)) as Demo
  const client = connectHub({
    url,
    token: readFileSync(tokenFile, 'utf8').trim(),
    client: { id: 'a', name: 'a' },
  })
  // The page shows its project as a person's, and no folder of the person's own is walked to from there.
  expect((await client.request('folder/list', {})).path).toBe(root)
  expect(client.welcome?.hub.home).toBe(root)
  client.close()
  const cli = cliOf(folder)
  const listed = await cli('sessions')
  expect(listed.stdout.split('\n').map((line) => line.replace(/\s+/g, ' '))).toEqual([
    expect.stringMatching(/^SESSION STATE AGE TITLE FOLDER$/),
    expect.stringMatching(/needs approval .* Needs you/),
    expect.stringMatching(/Tour/),
  ])
  expect((await cli('approve', 'Needs you')).stdout).toBe('git log --oneline: Allow once')
  const watched = await cli('watch', 'Needs you', '--until-idle')
  expect([watched.exitCode, watched.stdout]).toEqual([0, expect.stringContaining('A sample project')])
  const patched = await cli('new', 'patch', '--cwd', project, '--watch')
  expect([patched.exitCode, patched.stdout]).toEqual([0, expect.stringContaining('✎ README.md')])
  expect((await cli('end', 'Tour')).exitCode).toBe(0)
  expect((await cli('send', 'Tour', 'think', '--watch')).stdout).toContain('I thought about it.')

  const { processes } = JSON.parse((await cli('--json', 'status')).stdout) as { processes: { pid: number }[] }
  expect(processes.length).toBeGreaterThan(0)
  demo.kill('SIGINT')
  expect((await demo).exitCode).toBe(0)
  for (const { pid } of processes) expect(() => process.kill(pid, 0)).toThrow()
  expect(existsSync(root)).toBe(false)
})

it('[CLI6] a demo that is stopped while it starts leaves nothing behind either', async () => {
  const place = mkdtempSync(join(tmpdir(), 'cli-'))
  const demo = startCli('', ['demo'], { TMPDIR: place })
  // Something to take away is there, and nothing of it is ready.
  await until(() => readdirSync(place).length > 0)
  demo.kill('SIGINT')
  const { exitCode, stdout } = await demo
  expect([exitCode, stdout]).toEqual([0, 'Taking the demo away …'])
  expect(readdirSync(place)).toEqual([])
  rmdirSync(place)
})
