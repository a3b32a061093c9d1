/** A real terminal of Codex that joins a session the hub drives, by the command the hub offers. */
import { expect, it } from 'vitest'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import { makeHub } from '../harness/hub.ts'
import { openTerminal } from '../harness/terminal.ts'
import { locateTestCodex, versionOfTestCodex } from '../harness/test-codex.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const version = await versionOfTestCodex()
const { path: codexPath } = await locateTestCodex()

const script: Script = ({ afterTool, lastUserText, userTexts }) => {
  if (afterTool) return [{ say: 'Made it.' }]
  if (lastUserText !== 'make a file') return [{ say: `Heard ${userTexts.length}: ${lastUserText}` }]
  const args = { cmd: 'touch made.txt', sandbox_permissions: 'require_escalated', justification: 'May I?' }
  return [{ call: 'exec_command', args }]
}

it.runIf(isAtLeast(version, '0.160.0'))(
  '[ADO22] a terminal joins a driven session, both stay live, and the session is still driven when it is closed',
  async () => {
    const test = await makeHub({ script, forTerminal: true, config: { codexPath } })
    const client = test.client('laptop')
    try {
      const { session } = await client.command('session/create', {
        cwd: test.codex.project,
        settings: { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
        input: text('from the hub'),
      })
      const sessionId = session.id
      const view = client.session(sessionId)
      await stateWhere(view, isIdle)
      const { command, env } = await client.request('session/terminal', { sessionId })
      const terminal = openTerminal(command, { cwd: test.codex.project, env })
      try {
        await terminal.shows('Heard 1: from the hub')
        await terminal.send('from the terminal')
        await stateWhere(view, (each) => isIdle(each) && said(each).includes('Heard 2: from the terminal'))
        await terminal.shows('Heard 2: from the terminal')
        await client.command('session/send', { sessionId, input: text('from the hub again') })
        await terminal.shows('Heard 3: from the hub again')
        await stateWhere(view, isIdle)
        await terminal.send('make a file')
        const waiting = await stateWhere(view, ({ approvals }) =>
          approvals.some(({ state }) => state === 'pending'),
        )
        await terminal.shows('Would you like to run the following command?')
        const approvalId = String(waiting.approvals.find(({ state }) => state === 'pending')?.id)
        await client.command('approval/decide', { sessionId, approvalId, answer: { choice: 'accept' } })
        await terminal.shows('Made it.')
        await stateWhere(view, (each) => isIdle(each) && said(each).includes('Made it.'))
      } finally {
        await terminal.close()
      }
      await client.command('session/send', { sessionId, input: text('and after it') })
      const state = await stateWhere(
        view,
        (each) => isIdle(each) && said(each).at(-1) === 'Heard 5: and after it',
      )
      expect(state.summary).toMatchObject({
        door: 'driven',
        problem: null,
        counters: { turns: 5, prompts: 5 },
      })
      expect((await client.request('session/list', {})).sessions.map(({ id }) => id)).toEqual([sessionId])
    } finally {
      client.close()
      await test.close()
    }
  },
  60_000,
)
