/** The rarer kinds of approvals and inputs, provoked in the real Codex. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { isAtLeast } from '../../src/connectors/codex/version.ts'
import type { ModelRequest } from '../../src/demo/model-request.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { Input } from '../../src/protocol/input.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { isIdle, said, stateWhere, text } from '../harness/watch.ts'

const SERVER = fileURLToPath(new URL('../fixtures/programs/mcp-asks.mjs', import.meta.url))
/** One red pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='

const version = await versionOfTestCodex()

const script: Script = (request) => {
  if (request.afterTool) return [{ say: `told: ${request.toolOutputs.at(-1)}` }]
  if (request.lastUserText === 'permit')
    return [
      {
        call: 'request_permissions',
        args: { reason: 'to fetch', permissions: { network: { enabled: true } } },
      },
    ]
  if (request.lastUserText === 'order') return [{ call: 'order', args: {}, namespace: 'mcp__asks' }]
  return [{ say: 'seen' }]
}

describe.runIf(isAtLeast(version, '0.160.0'))('rarer kinds', () => {
  let test: TestHub
  let client: HubClient

  beforeAll(async () => {
    test = await makeHub({
      script,
      toml: `[features]\nrequest_permissions_tool = true\n[mcp_servers.asks]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(SERVER)}]`,
    })
    client = test.client('laptop')
  })
  afterAll(() => test.close())

  async function begin(input: Input) {
    const { session } = await client.command('session/create', {
      cwd: test.codex.project,
      settings: { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
      input,
    })
    return { id: session.id, view: client.session(session.id) }
  }
  const asked = async (view: ReturnType<HubClient['session']>) => {
    const { approvals } = await stateWhere(view, (state) =>
      state.approvals.some((each) => each.state === 'pending'),
    )
    const approval = approvals.find((each) => each.state === 'pending')
    if (!approval) throw new Error('nothing waits')
    return approval
  }
  const shown = (): ModelRequest => {
    const request = test.codex.model.requests.at(-1)
    if (!request) throw new Error('the model was not asked')
    return request
  }

  it('[APR9] permissions a session asks for are granted as it asked, for the turn', async () => {
    const { id, view } = await begin(text('permit'))
    const approval = await asked(view)
    expect(approval).toMatchObject({
      kind: 'permissions',
      title: 'More permissions: network access',
      reason: 'to fetch',
      choices: [{ id: 'grantForTurn' }, { id: 'grantForSession' }, { id: 'decline' }],
    })
    const choice = approval.choices.find(({ effect }) => effect === 'allow')?.id ?? ''
    await client.command('approval/decide', { sessionId: id, approvalId: approval.id, answer: { choice } })
    const state = await stateWhere(view, isIdle)
    expect(said(state)).toEqual([
      'told: {"permissions":{"network":{"enabled":true},"file_system":null},"scope":"turn"}',
    ])
  })

  it('[APR10] a form of an MCP server is answered with its content', async () => {
    const { id, view } = await begin(text('order'))
    const approval = await asked(view)
    expect(approval).toMatchObject({ kind: 'elicitation', title: 'asks: Which colour?' })
    const choice = approval.choices.find(({ needs }) => needs === 'content')?.id ?? ''
    await client.command('approval/decide', {
      sessionId: id,
      approvalId: approval.id,
      answer: { choice, content: { colour: 'red' } },
    })
    const state = await stateWhere(view, isIdle)
    expect(said(state)[0]).toContain(
      String.raw`ordered {\"action\":\"accept\",\"content\":{\"colour\":\"red\"}}`,
    )
  })

  it('[SES14] the model is shown images, by address and by file', async () => {
    const path = join(test.codex.project, 'pixel.png')
    writeFileSync(path, Buffer.from(PNG, 'base64'))
    const { view } = await begin([
      { type: 'text', text: 'look' },
      { type: 'image', url: `data:image/png;base64,${PNG}` },
      { type: 'localImage', path },
    ])
    await stateWhere(view, isIdle)
    const images = JSON.stringify(shown().body).match(/"image_url":"data:image[^"]{20}/g)
    expect(images).toHaveLength(2)
  })

  it('[SES15] the model is shown a skill that is named, and a mention as it was written', async () => {
    const folder = join(test.codex.home, 'skills', 'tidy')
    mkdirSync(folder, { recursive: true })
    const path = join(folder, 'SKILL.md')
    writeFileSync(path, '---\nname: tidy\ndescription: Tidies.\n---\nAlways sweep under the carpet.')
    const { view } = await begin([
      { type: 'text', text: '$tidy this' },
      { type: 'skill', name: 'tidy', path },
      { type: 'mention', name: 'notes', path: join(test.codex.project, 'notes.txt') },
    ])
    const { items } = await stateWhere(view, isIdle)
    expect(items.find(({ type }) => type === 'userMessage')?.body.content).toMatchObject([
      { type: 'text' },
      { type: 'skill', name: 'tidy' },
      { type: 'mention', name: 'notes' },
    ])
    expect(JSON.stringify(shown().body)).toContain('Always sweep under the carpet.')
    // As the command line can say it: in the text alone.
    const plain = await begin(text('and $tidy that'))
    await stateWhere(plain.view, isIdle)
    expect(JSON.stringify(shown().body)).toContain('Always sweep under the carpet.')
  })
})
