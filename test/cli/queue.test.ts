/** The queue from the command line, against a hub with the real Codex; and times as people write them. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { timeOf } from '../../src/cli/time.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { isIdle, said, stateWhere } from '../harness/watch.ts'
import { type CliResult, cliOf, printed, startCli } from './run-cli.ts'

let test: TestHub
let cli: (...args: string[]) => Promise<CliResult>
const tap = Promise.withResolvers<void>()

beforeAll(async () => {
  test = await makeHub({
    script: ({ lastUserText }) =>
      lastUserText === 'wait'
        ? [{ say: 'waiting' }, { until: tap.promise }]
        : [{ say: `heard: ${lastUserText}` }],
  })
  cli = cliOf(test.folder)
})
afterAll(() => test.close())

it('[QUE14] what waits is listed, added, edited, moved, removed, held and watched from the command line', async () => {
  const { stdout: id } = await cli('new', 'wait', '--cwd', test.codex.project, '--name', 'Busy')
  const session = test.client().session(id)
  await stateWhere(session, (state) => said(state).includes('waiting'))
  expect((await cli('queue', 'Busy')).stdout).toBe('Nothing waits.')
  const sent = JSON.parse((await cli('--json', 'send', 'Busy', 'one')).stdout)
  expect(sent).toEqual({ sessionId: id, turnId: null, taken: 'queued', entryId: expect.any(String) })
  const watching = startCli(test.folder, ['send', 'Busy', 'two', '--watch'])
  await printed(watching, /It waits in the queue/)
  expect((await cli('queue', 'Busy', 'add', 'three', '--at', '+2h')).stdout).toMatch(
    /^1 {2}waits +one\n2 {2}waits +two\n3 {2}at .+ three$/,
  )
  expect((await cli('queue', 'Busy', 'pause')).stdout).toContain('Held: The queue was paused.')
  await cli('queue', 'Busy', 'edit', '3', '--at', 'never')
  expect((await cli('queue', 'Busy', 'edit', sent.entryId, 'one, better')).stdout).toContain('one, better')
  const moved = JSON.parse((await cli('--json', 'queue', 'Busy', 'move', '3', '1')).stdout)
  expect(moved.entries.map(({ text }: { text: string }) => text)).toEqual(['three', 'one, better', 'two'])
  expect((await cli('queue', 'Busy', 'remove', '1')).stdout).not.toContain('three')
  expect(await cli('queue', 'Busy', 'remove', '9')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('there are 2'),
  })
  expect((await cli('queue', 'Busy', 'juggle')).exitCode).toBe(2)
  expect(await cli('queue', 'Busy', 'retry', '1')).toMatchObject({ exitCode: 5 })
  await cli('queue', 'Busy', 'resume')
  tap.resolve()
  const watched = await watching
  expect([watched.exitCode, String(watched.stdout)]).toEqual([0, expect.stringContaining('heard: two')])
  const done = await stateWhere(session, (state) => isIdle(state) && state.turns.length === 3)
  expect(said(done)).toEqual(['waiting', 'heard: one, better', 'heard: two'])
}, 90_000)

it('[QUE15] times are the next such hour, a while from now, or a date; nothing else is one', () => {
  const now = new Date(2026, 10, 21, 18, 0, 0).getTime()
  const at = (text: string) => new Date(timeOf(text, undefined, now))
  expect(at('18:30')).toEqual(new Date(2026, 10, 21, 18, 30))
  expect(at('9:05')).toEqual(new Date(2026, 10, 22, 9, 5))
  expect(at('+90m').getTime() - now).toBe(90 * 60_000)
  expect(at('2026-12-24T18:00')).toEqual(new Date(2026, 11, 24, 18))
  for (const wrong of ['25:00', 'noon', '+2', '', '12', '2026-13-01'])
    expect(() => at(wrong)).toThrow('expected')
})
