/** Sessions behind both doors: one the hub drives, and one that another client began in the user's Codex daemon. */
import { realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import type { HubClient } from '../../src/client/client.ts'
import type { SessionHandle } from '../../src/client/subscriptions.ts'
import { asFields } from '../../src/connectors/codex/decode.ts'
import { startSettings } from '../../src/connectors/codex/settings.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'
import type { SettingsRequest } from '../../src/protocol/settings.ts'
import { otherClient } from '../connectors/daemon/watching.ts'
import { startDaemon } from './daemon.ts'
import { makeHub, type TestHub } from './hub.ts'
import { locateTestCodex } from './test-codex.ts'
import { until } from './until.ts'
import { isIdle, said, stateWhere, text } from './watch.ts'

export type TestDoor = 'driven' | 'attached'
export const DOORS: readonly { readonly door: TestDoor }[] = [{ door: 'driven' }, { door: 'attached' }]

export interface Begun {
  readonly sessionId: string
  readonly view: SessionHandle
  readonly threadId: string
  readonly state: SessionState
}

export interface BothDoors {
  readonly test: TestHub
  readonly client: HubClient
  /** A repository with one commit and a change. */
  readonly project: string
  /** A session with one turn, in which something was said. */
  begin(door: TestDoor, prompt?: string, settings?: SettingsRequest): Promise<Begun>
  /** The same, once its turn is over. */
  beginIdle(door: TestDoor, settings?: SettingsRequest): Promise<Begun>
  close(): Promise<void>
}

export async function startBothDoors(options: { script: Script; toml?: string }): Promise<BothDoors> {
  const { path: codexPath } = await locateTestCodex()
  const test = await makeHub({ ...options, config: { codexPath, checkpoints: true } })
  const daemon = await startDaemon(test.codex)
  const client = test.client('laptop')
  await test.hub.adopted
  const other = await otherClient(test.codex.home)
  const project = realpathSync(test.codex.project)
  await makeRepository(project)

  /** A prompt to the hub, which starts a child for it. */
  async function drive(prompt: string, settings: SettingsRequest): Promise<string> {
    const input = text(prompt)
    const { session } = await client.command('session/create', { cwd: project, settings, input })
    return session.id
  }

  /** A prompt to the daemon, from somebody else. */
  async function attach(prompt: string, settings: SettingsRequest): Promise<string> {
    const answer = await other.request('thread/start', { cwd: project, ...startSettings(settings) })
    const threadId = String(asFields(asFields(answer)?.thread)?.id)
    const input = [{ type: 'text' as const, text: prompt, text_elements: [] }]
    await other.request('turn/start', { threadId, input })
    const list = client.sessions()
    const stop = list.subscribe(() => {})
    const found = () =>
      [...(list.getSnapshot().state?.sessions.values() ?? [])].find(
        (each) => each.threadId === threadId && each.door === 'attached',
      )
    await until(() => found() !== undefined)
    const id = String(found()?.id)
    stop()
    list.release()
    return id
  }

  async function begin(door: TestDoor, prompt = 'hello', settings: SettingsRequest = {}): Promise<Begun> {
    const sessionId = await (door === 'driven' ? drive : attach)(prompt, settings)
    const view = client.session(sessionId)
    const state = await stateWhere(view, (each) => each.turns.length === 1 && said(each).length > 0)
    if (state.summary.door !== door) throw new Error(`expected ${door}, is ${state.summary.door}`)
    return { sessionId, view, threadId: String(state.summary.threadId), state }
  }

  return {
    test,
    client,
    project,
    begin,
    async beginIdle(door, settings = {}) {
      const begun = await begin(door, 'hello', settings)
      return { ...begun, state: await stateWhere(begun.view, isIdle) }
    },
    async close() {
      other.close()
      await test.close()
      await daemon.close()
    },
  }
}

async function makeRepository(folder: string): Promise<void> {
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.email=test@example.com', '-c', 'user.name=test', ...args], { cwd: folder })
  await git('init', '-q', '-b', 'main')
  writeFileSync(join(folder, 'a.txt'), 'one\n')
  await git('add', '.')
  await git('commit', '-qm', 'The first')
  writeFileSync(join(folder, 'a.txt'), 'one\ntwo\n')
}
