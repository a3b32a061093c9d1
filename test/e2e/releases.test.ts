/**
 * What each release of Codex can do, and what the hub says of the rest: a program stands in for each, which knows the
 * methods that release knows and notes down whatever else it is asked.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import { makeCodexHome } from '../harness/codex-home.ts'
import { CODEX_METHODS, CODEX_METHODS_FILE } from '../harness/codex-methods.ts'
import { writeCodexProgram } from '../harness/codex-program.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { fixture } from '../harness/programs.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { isIdle, stateWhere, text } from '../harness/watch.ts'

interface Sessions {
  readonly client: HubClient
  readonly cwd: string
  /** One in which a turn has ended, one in which a turn runs, and one that is archived. */
  readonly idle: string
  readonly working: string
  readonly archived: string
  readonly turnId: string
}

interface Bounded {
  readonly operation: string
  /** The first release that can do it. */
  readonly since: string
  readonly run: (on: Sessions) => Promise<unknown>
  /** Which session names it among its capabilities, and by which method, while it can be done. */
  readonly offered?: readonly ['idle' | 'working', string]
}

/** Everything in docs/operations.md that the oldest supported release cannot do. */
const BOUNDED: readonly Bounded[] = [
  {
    operation: 'steer',
    since: '0.120.0',
    offered: ['working', 'session/steer'],
    run: ({ client, working }) =>
      client.command('session/steer', { sessionId: working, input: text('and more') }),
  },
  {
    operation: 'send into the running turn',
    since: '0.120.0',
    run: ({ client, working }) =>
      client.command('session/send', { sessionId: working, input: text('more'), whenBusy: 'steer' }),
  },
  {
    operation: 'compact',
    since: '0.98.0',
    offered: ['idle', 'session/compact'],
    run: ({ client, idle }) => client.command('session/compact', { sessionId: idle }),
  },
  {
    operation: 'rename',
    since: '0.98.0',
    offered: ['idle', 'session/rename'],
    run: ({ client, idle }) => client.command('session/rename', { sessionId: idle, name: 'Other' }),
  },
  {
    operation: 'fork through a turn',
    since: '0.169.0',
    run: ({ client, idle, turnId }) =>
      client.command('session/fork', { sessionId: idle, throughTurnId: turnId }),
  },
  {
    operation: 'Plan mode',
    since: '0.98.0',
    offered: ['idle', 'plan/decide'],
    run: ({ client, idle }) =>
      client.command('session/send', { sessionId: idle, input: text('x'), settings: { mode: 'plan' } }),
  },
  {
    operation: 'permission profile',
    since: '0.142.0',
    run: ({ client, idle }) =>
      client.command('session/configure', { sessionId: idle, settings: { permissionProfile: ':read' } }),
  },
  {
    operation: 'goal: set',
    since: '0.142.0',
    offered: ['idle', 'goal/set'],
    run: ({ client, idle }) => client.command('goal/set', { sessionId: idle, objective: 'Peace' }),
  },
  {
    operation: 'goal: get',
    since: '0.142.0',
    run: ({ client, idle }) => client.request('goal/get', { sessionId: idle }),
  },
  {
    operation: 'goal: clear',
    since: '0.142.0',
    run: ({ client, idle }) => client.command('goal/clear', { sessionId: idle }),
  },
  {
    operation: 'background terminals: list',
    since: '0.142.0',
    offered: ['idle', 'terminal/list'],
    run: ({ client, idle }) => client.request('terminal/list', { sessionId: idle }),
  },
  {
    operation: 'background terminals: terminate',
    since: '0.142.0',
    run: ({ client, idle }) => client.command('terminal/terminate', { sessionId: idle }),
  },
  {
    operation: 'archived threads',
    since: '0.98.0',
    run: ({ client }) => client.request('thread/list', { archived: true }),
  },
  {
    operation: 'MCP servers: reload',
    since: '0.98.0',
    run: ({ client, idle }) => client.command('mcpServer/reload', { sessionId: idle }),
  },
  {
    operation: 'skills: switch',
    since: '0.98.0',
    run: ({ client, idle }) =>
      client.command('skill/enable', { sessionId: idle, skill: 'tidy', enabled: true }),
  },
  {
    operation: 'hooks',
    since: '0.142.0',
    run: ({ client, idle }) => client.request('hook/list', { sessionId: idle }),
  },
  {
    operation: 'plugins',
    since: '0.120.0',
    run: ({ client, idle }) => client.request('plugin/list', { sessionId: idle }),
  },
  {
    operation: 'installed plugins',
    since: '0.142.0',
    run: ({ client, idle }) => client.request('plugin/list', { sessionId: idle, installedOnly: true }),
  },
  {
    operation: 'apps',
    since: '0.98.0',
    run: ({ client, idle }) => client.request('app/list', { sessionId: idle }),
  },
  {
    operation: 'providers',
    since: '0.169.0',
    run: ({ client, idle }) => client.request('modelProvider/list', { sessionId: idle }),
  },
  {
    operation: 'permission profiles',
    since: '0.142.0',
    run: ({ client, idle }) => client.request('permissionProfile/list', { sessionId: idle }),
  },
  {
    operation: 'collaboration modes',
    since: '0.98.0',
    run: ({ client, idle }) => client.request('collaborationMode/list', { sessionId: idle }),
  },
  {
    operation: 'features',
    since: '0.120.0',
    run: ({ client, idle }) => client.request('feature/list', { sessionId: idle }),
  },
  {
    operation: 'login by code',
    since: '0.120.0',
    run: ({ client }) => client.command('account/login', { method: 'deviceCode' }),
  },
  {
    operation: 'usage',
    since: '0.142.0',
    run: ({ client }) => client.request('account/usage', {}),
  },
  {
    operation: 'a quick command with input',
    since: '0.120.0',
    run: ({ client, cwd }) => client.command('exec/start', { command: ['cat'], cwd, stdin: true }),
  },
  {
    operation: 'unarchive',
    since: '0.98.0',
    run: ({ client, archived }) => client.command('session/unarchive', { sessionId: archived }),
  },
  // The last: where it can be done the session is gone.
  {
    operation: 'delete in Codex',
    since: '0.142.0',
    run: ({ client, idle }) => client.command('session/delete', { sessionId: idle, codex: true }),
  },
]

describe.each(Object.keys(CODEX_METHODS))('Codex %s', (version) => {
  let test: TestHub
  let on: Sessions
  let strange: string

  beforeAll(async () => {
    test = await makeHub({ script: () => [] })
    await test.hub.close()
    const cwd = test.codex.project
    strange = join(cwd, 'strange')
    const program = [process.execPath, fixture('other-release.mjs'), version, CODEX_METHODS_FILE, strange]
    const lines = `exec ${program.map((each) => `'${each}'`).join(' ')}`
    await test.restart({ codexPath: writeCodexProgram(cwd, lines, version), transport: 'stdio' })
    const client = test.client()
    const begin = async (prompt: string) => {
      const { session } = await client.command('session/create', { cwd, input: text(prompt) })
      const view = client.session(session.id)
      const state = await stateWhere(view, (each) =>
        prompt === 'wait' ? each.turns.length === 1 && each.summary.phase === 'working' : isIdle(each),
      )
      return { id: session.id, turnId: String(state.turns[0]?.id) }
    }
    const [idle, working, archived] = [await begin('hello'), await begin('wait'), await begin('hello')]
    await client.command('session/archive', { sessionId: archived.id })
    const { turnId } = idle
    on = { client, cwd, turnId, idle: idle.id, working: working.id, archived: archived.id }
  }, 60_000)
  afterAll(() => test.close(), 60_000)

  const summaryOf = async (sessionId: string) =>
    (await on.client.request('session/get', { sessionId })).session

  it.each(BOUNDED)(
    '[CAP1] $operation: offered and done where the release can, refused with why where not',
    async ({ since, run, offered }) => {
      const canDo = isAtLeast(version, since)
      if (offered) {
        const { capabilities } = await summaryOf(on[offered[0]])
        expect(capabilities.includes(offered[1])).toBe(canDo)
      }
      const before = canDo ? null : await summaryOf(on.idle)
      const error = await run(on).then(
        () => null,
        (reason: Error & { data: { name: string } }) => reason,
      )
      // What this program answers may make little sense to the hub; that it was asked is what counts.
      if (canDo) return expect(error?.data.name).not.toBe('unsupported')
      expect(error).toMatchObject({
        message: expect.stringMatching(/^This release of Codex /),
        data: { name: 'unsupported', retry: 'never' },
      })
      // Nothing came of it.
      expect(await summaryOf(on.idle)).toEqual(before)
    },
  )

  it('[CAP2] a release is asked for nothing that it does not know, but for its methods', () => {
    const asked = existsSync(strange) ? readFileSync(strange, 'utf8').trim().split('\n') : []
    expect([...new Set(asked)]).toEqual(['codexHub/probe'])
  })
})

it('[CAP3] the recorded methods of a release are those it names', async () => {
  const version = await versionOfTestCodex()
  const codex = await makeCodexHome({ script: () => [] })
  try {
    const { methods } = await codex.driver().report()
    expect(methods.toSorted()).toEqual(CODEX_METHODS[version]?.toSorted())
  } finally {
    await codex.close()
  }
})
