/** A session that somebody else runs, and an agent that wants something of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Script } from '../../src/demo/scripted-model.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { locateTestCodex } from '../harness/test-codex.ts'
import { type Agent, bridgeAgent } from './agent.ts'

const WAIT = 'while [ ! -e go ]; do sleep 0.05; done'
const script: Script = ({ afterTool, toolNames }) => {
  if (afterTool) return [{ say: 'done' }]
  const step = toolNames.includes('exec_command')
    ? { call: 'exec_command', args: { cmd: WAIT, yield_time_ms: 30_000 } }
    : { call: 'shell', args: { command: ['bash', '-lc', WAIT] } }
  return [{ say: 'I wait.' }, step]
}

let test: TestHub
let agent: Agent
let exec: ChildProcess

beforeAll(async () => {
  test = await makeHub({ script })
  await test.hub.adopted
  agent = await bridgeAgent(test.hub, 'agent', [{ scope: 'operate' }])
  const { path } = await locateTestCodex()
  const args = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', 'wait']
  const env = { PATH: process.env.PATH ?? '', HOME: test.codex.home, CODEX_HOME: test.codex.home }
  exec = spawn(path, args, { cwd: test.codex.project, env, stdio: 'ignore' })
}, 60_000)
afterAll(async () => {
  writeFileSync(join(test.codex.project, 'go'), '')
  exec.kill('SIGKILL')
  await agent.close()
  await test.close()
})

it('[MCP28] an observed session is read, takes nothing, and the refusal names the ways', async () => {
  const person = test.client('person')
  const list = person.sessions()
  const sessionId = await new Promise<string>((resolve) => {
    const look = (): void => {
      const all = [...(list.getSnapshot().state?.sessions.values() ?? [])]
      const seen = all.find(({ door }) => door === 'observed')
      if (seen) resolve(seen.id)
    }
    list.subscribe(look)
    look()
  })
  list.release()
  expect(await agent.use('get_session', { sessionId })).toMatchObject({ session: { door: 'observed' } })
  for (const [tool, more] of [
    ['send_message', { text: 'hi' }],
    ['steer_turn', { text: 'hi' }],
    ['end_session', {}],
  ] as const) {
    expect(await agent.fail(tool, { sessionId, ...more })).toMatchObject({
      name: 'notPossible',
      facts: { reason: 'observed', ways: ['session/takeOver', 'session/fork'] },
      next: expect.stringMatching(/fork_session.*take it over/),
    })
  }
})
