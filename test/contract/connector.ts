/**
 * What every driven connector does, real or fake. A ground gives the suite drivers on one world of threads, a model
 * that follows scripts, and the means to break things.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connector, ConnectorSink } from '../../src/connectors/connector.ts'
import type { Driver, OpenOptions, ProcessRecord } from '../../src/connectors/driver.ts'
import type { SessionEvent } from '../../src/connectors/event.ts'
import type { ModelRequest } from '../../src/demo/model-request.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { CloseCause } from '../../src/jsonrpc/channel.ts'

export interface Ground {
  readonly cwd: string
  /** What the model was asked, oldest first. */
  readonly requests: readonly ModelRequest[]
  use(script: Script): void
  /** One more driver, as another hub beside the first or after it. */
  driver(): Driver
  /** The record of a connector's process. */
  recordOf(connector: Connector): ProcessRecord
  kill(connector: Connector): void
  close(): Promise<void>
}

export interface Traits {
  readonly door: Connector['door']
  /** The process behind a connector is its own, and ends with it; else it is somebody else's and goes on. */
  readonly ownsProcess: boolean
  /** Children outlive their hub, and another driver can join them. */
  readonly canRejoin: boolean
  /** The agent asks questions. */
  readonly asksQuestions: boolean
  /** The model has a tool for patches of its own. */
  readonly patches: boolean
  /** A setting takes effect without a turn. */
  readonly configures: 'now' | 'nextTurn'
  /** A thread is open in one process at a time (later than 0.142). */
  readonly locksThreads: boolean
  /** A thread that is not open can be named. */
  readonly namesFromAfar: boolean
}

/** A sink that keeps what it was told and lets the test wait for it. */
export class Recorder implements ConnectorSink {
  readonly events: SessionEvent[] = []
  readonly causes: CloseCause[] = []
  readonly #waiting: (() => void)[] = []

  receive(event: SessionEvent): void {
    this.events.push(event)
    for (const look of [...this.#waiting]) look()
  }

  closed(cause: CloseCause): void {
    this.causes.push(cause)
    for (const look of [...this.#waiting]) look()
  }

  ofType<T extends SessionEvent['type']>(type: T): Extract<SessionEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<SessionEvent, { type: T }> => event.type === type)
  }

  /** The first event of the type that fits, past or to come. */
  event<T extends SessionEvent['type']>(
    type: T,
    fits: (event: Extract<SessionEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<SessionEvent, { type: T }>> {
    return this.#until(() => this.ofType(type).find(fits))
  }

  turnEnd(turnId: string): Promise<Extract<SessionEvent, { type: 'turnCompleted' }>> {
    return this.event('turnCompleted', (event) => event.turn.id === turnId)
  }

  cause(): Promise<CloseCause> {
    return this.#until(() => this.causes[0])
  }

  /** An item in its last form. */
  async item(type: string) {
    const event = await this.event('item', ({ item }) => item.type === type && item.status !== 'inProgress')
    return event.item
  }

  /** All text appended to items of a turn, by field. */
  appended(turnId: string, field: string): string {
    return this.ofType('append')
      .filter((event) => event.turnId === turnId && event.field === field)
      .map((event) => event.text)
      .join('')
  }

  #until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const found = () => {
        const value = look()
        if (value === undefined) return
        const at = this.#waiting.indexOf(found)
        if (at >= 0) this.#waiting.splice(at, 1)
        resolve(value)
      }
      this.#waiting.push(found)
      found()
    })
  }
}

const say =
  (text: string): Script =>
  () => [{ say: text }]

/** Ask to run a command outside the sandbox, then say what came of it. */
const runCommand =
  (cmd: string): Script =>
  (request) =>
    request.afterTool
      ? [{ say: 'That was the command.' }]
      : [
          {
            call: 'exec_command',
            args: { cmd, sandbox_permissions: 'require_escalated', justification: 'May I?' },
          },
        ]

const PATCH = '*** Begin Patch\n*** Add File: made.txt\n+hello\n*** End Patch\n'
const patch: Script = (request) =>
  request.afterTool ? [{ say: 'Patched.' }] : [{ custom: 'apply_patch', input: PATCH }]

const QUESTION = {
  id: 'colour',
  header: 'Colour',
  question: 'Which colour?',
  options: [
    { label: 'Red', description: 'warm' },
    { label: 'Blue', description: 'cold' },
  ],
}
const ask: Script = (request) =>
  request.afterTool ? [{ say: 'Noted.' }] : [{ call: 'request_user_input', args: { questions: [QUESTION] } }]

export function connectorContract(name: string, makeGround: () => Promise<Ground>, traits: Traits): void {
  describe(name, () => {
    let ground: Ground
    let driver: Driver
    let commands = 0
    beforeAll(async () => {
      ground = await makeGround()
      driver = ground.driver()
    })
    afterAll(() => ground.close())

    const optionsFor = (sink: ConnectorSink, settings: OpenOptions['settings'] = {}): OpenOptions => ({
      sessionId: 'ses_contract',
      cwd: ground.cwd,
      settings: { approvalPolicy: 'on-request', sandbox: 'read-only', ...settings },
      sink,
    })
    const create = async (settings: OpenOptions['settings'] = {}) => {
      const sink = new Recorder()
      return { sink, connector: await driver.create(optionsFor(sink, settings)) }
    }
    const start = async (connector: Connector, text: string, settings?: OpenOptions['settings']) => {
      const commandId = `command-${++commands}`
      const input = [{ type: 'text' as const, text }]
      const { turnId } = await connector.startTurn({ commandId, input, ...(settings ? { settings } : {}) })
      return { turnId, commandId }
    }
    /** A turn that says nothing until `goOn`. */
    const startHeld = async (connector: Connector, text = 'wait') => {
      const tap = Promise.withResolvers<void>()
      const asked = Promise.withResolvers<void>()
      ground.use(() => {
        asked.resolve()
        return [{ say: 'Before.' }, { until: tap.promise }, { say: 'After.' }]
      })
      const { turnId } = await start(connector, text)
      await asked.promise
      return { turnId, goOn: tap.resolve }
    }

    it('[COD1] creating opens a thread and reports its facts', async () => {
      const { connector, sink } = await create()
      const { thread } = connector
      expect({
        door: connector.door,
        cwd: thread.cwd,
        policy: thread.settings?.approvalPolicy,
        sandbox: thread.settings?.sandbox,
        status: connector.status,
        closed: sink.causes,
      }).toEqual({
        door: traits.door,
        cwd: ground.cwd,
        policy: 'on-request',
        sandbox: 'read-only',
        status: { status: 'idle', flags: [] },
        closed: [],
      })
      expect(thread.threadId).toMatch(/^[0-9a-f-]{36}$/)
      expect([...connector.operations]).toEqual(
        expect.arrayContaining(['send', 'interrupt', 'rename', 'configure', 'decide', 'history']),
      )
      expect(await driver.isAlive(ground.recordOf(connector))).toBe(true)
      await connector.stop()
    })

    it('[COD2] an answer streams as appends, and its completed item holds what they add up to', async () => {
      const { connector, sink } = await create()
      ground.use(() => [
        { think: 'Considering.' },
        { say: 'One two three.', chunks: ['One ', 'two ', 'three.'] },
      ])
      const { turnId } = await start(connector, 'count')
      const end = await sink.turnEnd(turnId)
      const message = await sink.item('agentMessage')
      const prompt = await sink.item('userMessage')
      expect({
        status: end.turn.status,
        error: end.turn.error,
        appended: sink.appended(turnId, 'text'),
        text: message.body.text,
        prompt: (prompt.body.content as { text: string }[]).map((part) => part.text),
        reasoning: (await sink.item('reasoning')).body.summary,
      }).toEqual({
        status: 'completed',
        error: null,
        appended: 'One two three.',
        text: 'One two three.',
        prompt: ['count'],
        reasoning: ['Considering.'],
      })
      const order = sink.events.filter((event) =>
        ['turnStarted', 'append', 'turnCompleted'].includes(event.type),
      )
      expect(order[0]?.type).toBe('turnStarted')
      expect(order.at(-1)?.type).toBe('turnCompleted')
      const tokens = sink.ofType('tokens').at(-1)?.tokens
      expect(tokens?.last).toEqual({
        totalTokens: 120,
        inputTokens: 100,
        cachedInputTokens: 40,
        outputTokens: 20,
        reasoningOutputTokens: 5,
      })
      await connector.stop()
    })

    it('[COD3] an accepted command runs, and its approval is told as resolved', async () => {
      const { connector, sink } = await create()
      ground.use(runCommand('touch accepted.txt'))
      const { turnId } = await start(connector, 'run it')
      const { approval } = await sink.event('approvalRequested')
      expect({
        kind: approval.kind,
        title: approval.title,
        reason: approval.reason,
        turnId: approval.turnId,
      }).toEqual({
        kind: 'command',
        title: 'touch accepted.txt',
        reason: 'May I?',
        turnId,
      })
      expect(approval.key.startsWith(`${connector.instance}:`)).toBe(true)
      expect(approval.choices[0]).toEqual({
        id: 'accept',
        label: 'Allow once',
        effect: 'allow',
        scope: 'once',
        needs: null,
      })
      await connector.answer(approval.key, { choice: 'accept' })
      const end = await sink.turnEnd(turnId)
      const command = await sink.item('commandExecution')
      expect({ turn: end.turn.status, item: command.status, exitCode: command.body.exitCode }).toEqual({
        turn: 'completed',
        item: 'completed',
        exitCode: 0,
      })
      expect((await sink.event('approvalResolved')).key).toBe(approval.key)
      await connector.stop()
    })

    it('[COD4] a refused command does not run', async () => {
      const { connector, sink } = await create()
      ground.use(runCommand('touch refused.txt'))
      const { turnId } = await start(connector, 'run it')
      const { approval } = await sink.event('approvalRequested')
      const refusal = approval.choices.find((choice) => choice.effect !== 'allow')
      expect(refusal).toBeDefined()
      await connector.answer(approval.key, { choice: refusal?.id ?? '' })
      const end = await sink.turnEnd(turnId)
      const commands = sink.ofType('item').filter(({ item }) => item.type === 'commandExecution')
      expect(commands.map(({ item }) => item.body.exitCode ?? null)).not.toContain(0)
      // To refuse is one thing, to stop the turn as well another; Codex offers the one or the other.
      expect(end.turn.status).toBe(refusal?.effect === 'deny' ? 'completed' : 'interrupted')
      await connector.stop()
    })

    it.runIf(traits.patches)(
      '[COD5] a patch names its files when it asks, and its diff is told',
      async () => {
        const { connector, sink } = await create()
        ground.use(patch)
        const { turnId } = await start(connector, 'patch it')
        const { approval } = await sink.event('approvalRequested')
        expect({
          kind: approval.kind,
          title: approval.title,
          choices: approval.choices.map(({ id }) => id),
        }).toEqual({
          kind: 'fileChange',
          title: `Change ${ground.cwd}/made.txt`,
          choices: ['accept', 'acceptForSession', 'decline', 'cancel'],
        })
        await connector.answer(approval.key, { choice: 'accept' })
        await sink.turnEnd(turnId)
        expect((await sink.item('fileChange')).status).toBe('completed')
        expect((await sink.event('diff')).unified).toContain('+hello')
        await connector.stop()
      },
    )

    it.runIf(traits.asksQuestions)('[COD6] the answers to a question reach the model', async () => {
      const { connector, sink } = await create()
      ground.use(ask)
      const { turnId } = await start(connector, 'ask me')
      const { approval } = await sink.event('approvalRequested')
      expect({ kind: approval.kind, title: approval.title, choices: approval.choices }).toEqual({
        kind: 'question',
        title: 'Which colour?',
        choices: [
          { id: 'answer', label: 'Answer', effect: 'allow', scope: 'once', needs: 'answers' },
          { id: 'skip', label: 'Skip without an answer', effect: 'cancel', scope: 'once', needs: null },
        ],
      })
      await connector.answer(approval.key, { choice: 'answer', answers: { colour: ['Blue'] } })
      await sink.turnEnd(turnId)
      expect(ground.requests.at(-1)?.toolOutputs.join()).toContain('Blue')
      await connector.stop()
    })

    it('[COD7] an interrupted turn ends as interrupted', async () => {
      const { connector, sink } = await create()
      const { turnId, goOn } = await startHeld(connector)
      await sink.event('append')
      await connector.interrupt(turnId)
      expect((await sink.turnEnd(turnId)).turn.status).toBe('interrupted')
      goOn()
      await connector.stop()
    })

    it('[COD8] a new name is told as a fact of the thread', async () => {
      const { connector, sink } = await create()
      ground.use(say('Hello.'))
      await sink.turnEnd((await start(connector, 'hello')).turnId)
      await connector.rename('A better name')
      const named = await sink.event('thread', ({ facts }) => facts.name === 'A better name')
      expect(named.facts).toEqual({ name: 'A better name' })
      await connector.stop()
    })

    it('[COD9] new settings are in force from the next turn on, and told', async () => {
      const { connector, sink } = await create()
      ground.use(say('Hello.'))
      await sink.turnEnd((await start(connector, 'first')).turnId)
      const effective = await connector.configure({ model: 'other-model', sandbox: 'workspace-write' })
      expect(effective).toBe(traits.configures)
      const { turnId } = await start(connector, 'second')
      await sink.turnEnd(turnId)
      const told = await sink.event('thread', ({ facts }) => facts.settings?.model === 'other-model')
      expect(told.facts.settings).toMatchObject({ model: 'other-model', sandbox: 'workspace-write' })
      expect(ground.requests.at(-1)?.model).toBe('other-model')
      await connector.stop()
    })

    it('[COD10] a failing turn ends as failed with the sentence of whoever refused', async () => {
      const { connector, sink } = await create()
      ground.use(() => [{ httpStatus: 400, message: 'The model is on holiday.' }])
      const { turnId } = await start(connector, 'fail')
      const end = await sink.turnEnd(turnId)
      expect({ status: end.turn.status, error: end.turn.error }).toEqual({
        status: 'failed',
        error: { message: 'The model is on holiday.', code: 'other' },
      })
      expect(await sink.event('error')).toMatchObject({ turnId, willRetry: false })
      await connector.stop()
    })

    it('[COD11] a resumed thread remembers, and its past can be read', async () => {
      const first = await create()
      ground.use(say('I will remember.'))
      await first.sink.turnEnd((await start(first.connector, 'my number is 42')).turnId)
      const { threadId } = first.connector.thread
      await first.connector.stop()
      const sink = new Recorder()
      const connector = await driver.resume(threadId, optionsFor(sink))
      expect(connector.thread.threadId).toBe(threadId)
      const past = await connector.readHistory({ maxTurns: 10 })
      expect(past.map(({ turn, items }) => [turn.status, items.map(({ type }) => type)])).toEqual([
        ['completed', ['userMessage', 'agentMessage']],
      ])
      const { turnId } = await start(connector, 'what is my number?')
      await sink.turnEnd(turnId)
      expect(ground.requests.at(-1)?.userTexts).toEqual(['my number is 42', 'what is my number?'])
      expect(past.map(({ turn }) => turn.id)).not.toContain(turnId)
      await connector.stop()
    })

    it.runIf(traits.locksThreads)(
      '[COD12] a thread of another process is told as held elsewhere, and stays there',
      async () => {
        const { connector, sink } = await create()
        ground.use(say('Mine.'))
        await sink.turnEnd((await start(connector, 'hold')).turnId)
        const { threadId } = connector.thread
        const other = ground.driver()
        await expect(other.resume(threadId, optionsFor(new Recorder()))).rejects.toMatchObject({
          name: 'ConnectorError',
          fault: 'heldElsewhere',
        })
        expect(await driver.isAlive(ground.recordOf(connector))).toBe(true)
        await connector.stop()
      },
    )

    it('[COD13] a thread that does not exist is told so, and none is begun instead', async () => {
      const sink = new Recorder()
      const missing = '019c0000-0000-7000-8000-000000000000'
      await expect(driver.resume(missing, optionsFor(sink))).rejects.toMatchObject({
        fault: 'threadNotFound',
      })
      expect(sink).toMatchObject({ events: [], causes: [] })
    })

    it('[COD14] a process killed in a turn is told once, and what is asked after that fails', async () => {
      const { connector, sink } = await create()
      await startHeld(connector)
      await sink.event('append')
      ground.kill(connector)
      expect(await sink.cause()).toMatchObject(
        traits.ownsProcess ? { kind: 'exited', signal: 'SIGKILL' } : { kind: 'ended' },
      )
      await expect(connector.rename('too late')).rejects.toMatchObject({ fault: 'closed' })
      await connector.stop()
      expect(sink.causes).toHaveLength(1)
    })

    it('[COD15] a stopped connector is told nothing more, and a process of its own is gone', async () => {
      const { connector, sink } = await create()
      ground.use(say('Hello.'))
      await sink.turnEnd((await start(connector, 'hello')).turnId)
      const record = ground.recordOf(connector)
      const told = sink.events.length
      await connector.stop({ force: true })
      expect(await driver.isAlive(record)).toBe(!traits.ownsProcess)
      expect({ events: sink.events.length, causes: sink.causes }).toEqual({ events: told, causes: [] })
    })

    it('[COD16] an answer that was not offered, or to nothing, is refused and changes nothing', async () => {
      const { connector, sink } = await create()
      ground.use(runCommand('touch asked.txt'))
      const { turnId } = await start(connector, 'run it')
      const { approval } = await sink.event('approvalRequested')
      await expect(connector.answer(approval.key, { choice: 'maybe' })).rejects.toMatchObject({
        fault: 'refused',
      })
      await expect(connector.answer('nobody:0', { choice: 'accept' })).rejects.toMatchObject({
        fault: 'refused',
      })
      await connector.answer(approval.key, { choice: 'accept' })
      await expect(connector.answer(approval.key, { choice: 'accept' })).rejects.toMatchObject({
        fault: 'refused',
      })
      expect((await sink.turnEnd(turnId)).turn.status).toBe('completed')
      await connector.stop()
    })

    it.runIf(traits.canRejoin)('[COD17] a hub that comes back rejoins the running turn', async () => {
      const before = await create()
      const { turnId, goOn } = await startHeld(before.connector)
      await before.sink.event('append')
      const record = ground.recordOf(before.connector)
      await before.connector.detach()
      const told = before.sink.events.length
      const sink = new Recorder()
      const connector = await ground
        .driver()
        .rejoin(record, before.connector.thread.threadId, optionsFor(sink))
      expect(connector.status.status).toBe('active')
      expect(connector.instance).toBe(before.connector.instance)
      goOn()
      expect((await sink.turnEnd(turnId)).turn.status).toBe('completed')
      const texts = sink
        .ofType('item')
        .filter(({ item }) => item.status === 'completed')
        .map(({ item }) => item.body.text)
      expect(texts).toContain('After.')
      expect({ events: before.sink.events.length, causes: before.sink.causes }).toEqual({
        events: told,
        causes: [],
      })
      await connector.stop()
    })

    it.runIf(traits.canRejoin)(
      '[COD18] an open approval is asked again under the same key after a rejoin',
      async () => {
        const before = await create()
        ground.use(runCommand('touch later.txt'))
        const { turnId } = await start(before.connector, 'run it')
        const asked = await before.sink.event('approvalRequested')
        const record = ground.recordOf(before.connector)
        await before.connector.detach()
        const sink = new Recorder()
        const connector = await ground
          .driver()
          .rejoin(record, before.connector.thread.threadId, optionsFor(sink))
        const again = await sink.event('approvalRequested')
        expect(again.approval).toEqual(asked.approval)
        await connector.answer(again.approval.key, { choice: 'accept' })
        expect((await sink.turnEnd(turnId)).turn.status).toBe('completed')
        await connector.stop()
      },
    )

    it.runIf(traits.canRejoin && traits.ownsProcess)(
      '[COD19] a process that is gone cannot be rejoined',
      async () => {
        const { connector } = await create()
        const record = ground.recordOf(connector)
        await connector.stop()
        await expect(
          driver.rejoin(record, connector.thread.threadId, optionsFor(new Recorder())),
        ).rejects.toMatchObject({ fault: 'closed' })
      },
    )

    it.runIf(traits.ownsProcess)(
      '[COD20] the past and the name of a thread nobody drives are within reach',
      async () => {
        const { connector, sink } = await create()
        ground.use(say('Written down.'))
        await sink.turnEnd((await start(connector, 'write')).turnId)
        const { threadId } = connector.thread
        await connector.stop()
        const past = await driver.readHistory(threadId, { maxTurns: 5 })
        expect(past.flatMap(({ items }) => items.map(({ type }) => type))).toEqual([
          'userMessage',
          'agentMessage',
        ])
        if (!traits.namesFromAfar) {
          await expect(driver.rename(threadId, 'No')).rejects.toMatchObject({ fault: 'unsupported' })
          return
        }
        await driver.rename(threadId, 'Named from afar')
        const again = await driver.resume(threadId, optionsFor(new Recorder()))
        expect(again.thread.name).toBe('Named from afar')
        await again.stop()
      },
    )

    it('[COD21] hidden models are listed only to who asks for them', async () => {
      const [shown, all] = await Promise.all([driver.listModels(false), driver.listModels(true)])
      expect(shown.length).toBeGreaterThan(0)
      expect(shown.filter((model) => model.hidden)).toEqual([])
      expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(shown.map(({ id }) => id)))
    })
  })
}
