/** A Codex that misbehaves, and a disk that does, as a client of the hub sees them. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/persistence/open-store.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { writeCodexProgram } from '../harness/codex-program.ts'
import { FakeDriver } from '../harness/fake-connector.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { fixture } from '../harness/programs.ts'
import { until } from '../harness/until.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

let test: TestHub | undefined
afterEach(async () => {
  await test?.close()
  test = undefined
})

/** A hub whose Codex is a program that says its version and then does as `lines` say. */
async function hubWith(lines: string, version = '0.169.0') {
  test = await makeHub({ script: () => [] })
  await test.hub.close()
  const codexPath = writeCodexProgram(test.codex.project, lines, version)
  await test.restart({ codexPath, transport: 'stdio' })
  return { test, client: test.client('laptop') }
}

async function refusal(run: Promise<unknown>): Promise<HubError['data']> {
  const error = await run.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(HubError)
  return (error as HubError).data
}

describe('a Codex that misbehaves', () => {
  it('[BAD10] one that crashes at its start is told with what it wrote, and leaves no session', async () => {
    const { test, client } = await hubWith(`echo 'the config is broken' >&2; exit 3`)
    const { name, facts } = await refusal(client.command('session/create', { cwd: test.codex.project }))
    expect([name, facts.fault, facts.stderr]).toEqual([
      'codexUnavailable',
      'handshakeFailed',
      'the config is broken',
    ])
    expect((await client.request('session/list', {})).total).toBe(0)
    expect((await client.request('hub/status', {})).processes).toEqual([])
  })

  it('[BAD10] one that is too old is told with what to do', async () => {
    const { test, client } = await hubWith('exit 1', '0.63.0')
    const { name, facts } = await refusal(client.command('session/create', { cwd: test.codex.project }))
    expect([name, facts.fault, facts.version]).toEqual(['codexUnavailable', 'codexTooOld', '0.63.0'])
  })

  it('[BAD11] one that exits with code 0 in a turn has crashed: the turn is cut, and the session says so', async () => {
    const { test, client } = await hubWith(`exec '${process.execPath}' '${fixture('exits-in-turn.mjs')}'`)
    const { session } = await client.command('session/create', { cwd: test.codex.project })
    const view = client.session(session.id)
    await client.command('session/send', { sessionId: session.id, input: text('go') })
    const state = await stateWhere(view, ({ turns }) => turns.some(({ status }) => status === 'interrupted'))
    expect(state.summary).toMatchObject({
      problem: { code: expect.any(String) },
      attention: { reason: 'failed' },
    })
    expect(state.turns[0]?.error?.message).toContain('ended')
  })

  it('[BAD12] one that talks noise, sends a line of 20 MiB in pieces, and is deaf to SIGTERM costs nothing', async () => {
    const { test, client } = await hubWith(
      `exec '${process.execPath}' '${fixture('strange-app-server.mjs')}'`,
    )
    const { session } = await client.command('session/create', { cwd: test.codex.project, input: text('go') })
    const state = await stateWhere(client.session(session.id), isIdle)
    const item = state.items.find(({ type }) => type === 'agentMessage')
    const total = 20 * 1024 * 1024 + 'begin\u2028end'.length
    expect(item?.cut).toEqual({ text: total })
    const end = await client.request('item/read', {
      sessionId: session.id,
      itemId: String(item?.id),
      field: 'text',
      offset: total - 5,
    })
    expect(end).toMatchObject({ text: 'xxend', total })
    const begin = { sessionId: session.id, itemId: String(item?.id), field: 'text', length: 7 }
    expect(await client.request('item/read', begin)).toMatchObject({ text: 'begin\u2028x' })
    await client.command('session/end', { sessionId: session.id, force: true })
    const { processes } = await client.request('hub/status', {})
    expect(processes.filter(({ sessionId }) => sessionId === session.id)).toEqual([])
  })
})

describe('a disk that misbehaves', () => {
  it('[BAD15] while the disk refuses, what needs it is answered `storage`, and the same command passes later', async () => {
    const driver = new FakeDriver()
    test = await makeHub({
      script: () => [],
      hub: { makeDriver: () => driver },
    })
    const client = test.client('laptop')
    const { session } = await client.command('session/create', { cwd: test.codex.project })
    const sessionId = session.id
    const rename = (name: string, commandId: string) =>
      client.command('session/rename', { sessionId, name, commandId })
    const answer = await rename('First', 'the first command')
    const other = new Database(join(test.folder, 'hub.sqlite'))
    other.exec('begin immediate')
    expect((await refusal(rename('Second', 'the second command'))).name).toBe('storage')
    driver.connector.emit({ type: 'warning', message: 'Something to write.' })
    const asked = [
      rename('First', 'the first command'),
      client.request('session/items', { sessionId, limit: 10 }),
      client.command('session/interrupt', { sessionId }),
    ]
    const told = await Promise.all(asked.map(refusal))
    expect(told.map(({ name, retry }) => [name, retry])).toEqual([
      ['storage', 'later'],
      ['storage', 'later'],
      ['storage', 'later'],
    ])
    other.exec('rollback')
    other.close()
    const repeated = async () => rename('First', 'the first command').catch(() => null)
    await until(async () => (await repeated()) !== null)
    expect(await repeated()).toEqual(answer)
    expect((await rename('Second', 'the second command')).session.title).toBe('Second')
    expect(driver.connector.calls.of('rename')).toEqual([['First'], ['Second']])
  })

  it.each(['full', 'locked'])(
    '[BAD13] with a %s disk turns stream on, commands are refused as not stored, and nothing is lost',
    async (what) => {
      const tap = Promise.withResolvers<void>()
      test = await makeHub({
        script: () => [{ say: 'Before. ' }, { until: tap.promise }, { say: 'After.' }],
        hub: { openStore: (options) => openStore({ ...options, trial: { maxPages: 300 } }) },
      })
      const client = test.client('laptop')
      const { session } = await client.command('session/create', {
        cwd: test.codex.project,
        input: text('go'),
      })
      const view = client.session(session.id)
      await stateWhere(view, (state) => said(state).includes('Before. '))
      const other = new Database(join(test.folder, 'hub.sqlite'))
      if (what === 'full') {
        const insert = other.prepare(
          "insert into details (session_id, unified_diff, warnings) values ('ballast', ?, '[]')",
        )
        insert.run('x'.repeat(2 * 1024 * 1024))
      } else other.exec('begin immediate')
      // Pages that are begun may still take some.
      const rename = (index: number) =>
        client.command('session/rename', { sessionId: session.id, name: `New ${index}` })
      let error: unknown = null
      for (let index = 0; error === null; index += 1) {
        error = await rename(index).then(
          () => null,
          (reason: unknown) => reason,
        )
      }
      const { name, retry } = (error as HubError).data
      expect([name, retry]).toEqual(['storage', 'later'])
      tap.resolve()
      const state = await stateWhere(view, isIdle)
      expect(said(state)).toEqual(['Before. ', 'After.'])
      if (what === 'full') other.exec("delete from details where session_id = 'ballast'; vacuum")
      else other.exec('rollback')
      other.close()
      await client.command('session/rename', { sessionId: session.id, name: 'Newer' })
      await test.restart()
      const after = await stateWhere(
        test.client('phone').session(session.id),
        (each) => said(each).length === 2,
      )
      expect([after.summary.title, said(after)]).toEqual(['Newer', ['Before. ', 'After.']])
    },
  )
})
