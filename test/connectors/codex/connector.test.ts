import { expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import { CodexConnector } from '../../../src/connectors/codex/connector.ts'
import type { Conversation } from '../../../src/connectors/codex/conversation.ts'
import { Recorder } from '../../contract/connector.ts'
import { nothingHeld } from '../../harness/holding.ts'
import { ManualClock } from '../../harness/manual-clock.ts'

it('[COD9] settings asked for while a turn is being started come with the turn after it', async () => {
  const asked: unknown[] = []
  const answers: ((answer: unknown) => void)[] = []
  const server: Conversation = {
    version: '0.120.0',
    isClosed: false,
    request: (_method, params) => {
      asked.push(params)
      return new Promise((resolve) => answers.push(resolve))
    },
    respond: () => {},
    listen: () => {},
    close: () => {},
  }
  const connector = new CodexConnector({
    door: 'driven',
    instance: 'p',
    server,
    methods: new Set(['turn/start']),
    opened: {
      thread: { threadId: 't' },
      status: { status: 'idle', flags: [] },
      runningTurnId: null,
      turns: null,
    } as unknown as ConstructorParameters<typeof CodexConnector>[0]['opened'],
    holding: nothingHeld,
    sink: new Recorder(),
    clock: new ManualClock(),
    log: silentLog,
  })
  const turn = async (commandId: string) => {
    const started = connector.startTurn({ commandId, input: [{ type: 'text', text: commandId }] })
    return { started, answer: () => answers.shift()?.({ turn: { id: commandId } }) }
  }
  const first = await turn('one')
  expect(await connector.configure({ effort: 'high' })).toBe('nextTurn')
  first.answer()
  await first.started
  const second = await turn('two')
  second.answer()
  await second.started
  expect(asked).toMatchObject([
    { clientUserMessageId: 'one' },
    { clientUserMessageId: 'two', effort: 'high' },
  ])
  expect(asked[0]).not.toHaveProperty('effort')
})
