/**
 * Codex in memory: threads, processes that hold them, and turns played from the same scripts that drive the real one
 * (`src/demo/scripted-model.ts`). It is what a `FakeConnector` is connected to. Nothing here takes time of its own: a
 * turn goes on until its script waits for a promise of the test or for an answer.
 */
import { setImmediate } from 'node:timers/promises'
import { OpenApprovals, readApproval } from '../../src/connectors/codex/approvals.ts'
import { TurnIds } from '../../src/connectors/codex/turn-ids.ts'
import type { ProcessRecord } from '../../src/connectors/driver.ts'
import type { HistoryTurn, SessionEvent, SourceItem, SourceTurn } from '../../src/connectors/event.ts'
import type { Step } from '../../src/demo/answer.ts'
import type { ModelRequest } from '../../src/demo/model-request.ts'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { CloseCause } from '../../src/jsonrpc/channel.ts'
import type { ApprovalAnswer } from '../../src/protocol/approval.ts'
import type { Input } from '../../src/protocol/input.ts'
import type { Settings } from '../../src/protocol/settings.ts'

export interface FakeThread {
  readonly id: string
  readonly cwd: string
  readonly createdAt: number
  name: string | null
  settings: Settings
  readonly turns: HistoryTurn[]
  readonly userTexts: string[]
  /** The process that has it open; one at a time, as in Codex. */
  holder: FakeProcess | null
}

/** Everything behind all fake drivers of one test, and what survives each of them. */
export class FakeCodex {
  readonly threads = new Map<string, FakeThread>()
  readonly processes = new Map<string, FakeProcess>()
  /** What the model was asked, oldest first. */
  readonly requests: ModelRequest[] = []
  script: Script
  #count = 0

  constructor(script: Script = (request) => [{ say: `Echo: ${request.lastUserText}` }]) {
    this.script = script
  }

  use(script: Script): void {
    this.script = script
  }

  /** Unique and of the shape that Codex's own ids have. */
  mintUuid(): string {
    this.#count++
    return `00000000-0000-7000-8000-${this.#count.toString().padStart(12, '0')}`
  }

  ask(request: ModelRequest): ReturnType<Script> {
    this.requests.push(request)
    return this.script(request)
  }
}

interface Running {
  readonly id: string
  readonly turn: SourceTurn
  readonly items: Map<string, SourceItem>
  /** Resolves when somebody interrupts. */
  readonly interrupted: PromiseWithResolvers<'interrupted'>
}

class Interrupted extends Error {}

export class FakeProcess {
  readonly codex: FakeCodex
  readonly record: ProcessRecord
  readonly thread: FakeThread
  isAlive = true
  /** Where its events go; null while nobody is connected. */
  listener: { receive(event: SessionEvent): void; closed(cause: CloseCause): void } | null = null
  readonly approvals = new OpenApprovals()
  /** Asked and not ended: replayed to whoever joins. */
  readonly asked = new Map<string, Extract<SessionEvent, { type: 'approvalRequested' }>>()
  readonly #answers = new Map<string | number, (response: unknown) => void>()
  #running: Running | null = null
  #nextRequestId = 0

  constructor(codex: FakeCodex, record: ProcessRecord, thread: FakeThread) {
    this.codex = codex
    this.record = record
    this.thread = thread
    thread.holder = this
    codex.processes.set(record.id, this)
  }

  get runningTurnId(): string | null {
    return this.#running?.id ?? null
  }

  get status(): { status: 'idle' | 'active'; flags: string[] } {
    const flags = this.asked.size > 0 ? ['waitingOnApproval'] : []
    return this.#running ? { status: 'active', flags } : { status: 'idle', flags: [] }
  }

  /** The turns of the thread as Codex reads them back, the running one included. */
  get history(): HistoryTurn[] {
    const running = this.#running
    return running ? [...this.thread.turns, past(running, running.turn)] : [...this.thread.turns]
  }

  startTurn(input: Input, commandId: string): string {
    if (!this.isAlive) throw new Error(`${this.record.id} is dead; nobody can be connected to it`)
    if (this.#running) return this.#running.id
    const id = this.codex.mintUuid()
    const turn: SourceTurn = {
      id,
      status: 'inProgress',
      error: null,
      startedAt: Date.now(),
      completedAt: null,
    }
    this.#running = { id, turn, items: new Map(), interrupted: Promise.withResolvers() }
    void this.#play(this.#running, input, commandId)
    return id
  }

  interrupt(): void {
    this.#running?.interrupted.resolve('interrupted')
  }

  answer(key: string, answer: ApprovalAnswer): void {
    const { id, response } = this.approvals.take(key, answer)
    this.asked.delete(key)
    this.#answers.get(id)?.('result' in response ? response.result : null)
  }

  /** It dies as a process does: at once, with whatever it was doing. */
  end(cause: CloseCause): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.thread.holder = null
    const running = this.#running
    this.#running = null
    if (running) this.#remember(running, { ...running.turn, status: 'interrupted' })
    this.listener?.closed(cause)
    this.listener = null
  }

  /** Say something to whoever is connected. */
  emit(event: SessionEvent): void {
    if (this.isAlive) this.listener?.receive(event)
  }

  async #play(running: Running, input: Input, commandId: string): Promise<void> {
    // The answer to `turn/start` leaves first.
    await setImmediate()
    this.emit({ type: 'status', status: 'active', flags: [] })
    this.emit({ type: 'turnStarted', turn: running.turn })
    const content = input.map((part) => (part.type === 'text' ? { ...part, text_elements: [] } : part))
    this.#item(running, 'userMessage', { clientId: commandId, content }, 'completed')
    this.thread.userTexts.push(input.map((part) => (part.type === 'text' ? part.text : '')).join(''))
    const end = await this.#converse(running).catch((error: unknown): Partial<SourceTurn> => {
      if (error instanceof Interrupted) return { status: 'interrupted' }
      return { status: 'failed', error: { message: String((error as Error).message), code: 'other' } }
    })
    if (this.#running === running) this.#complete(running, end)
  }

  #complete(running: Running, end: Partial<SourceTurn>): void {
    this.#running = null
    for (const key of [...this.asked.keys()]) this.#resolved(key)
    const turn: SourceTurn = { ...running.turn, status: 'completed', completedAt: Date.now(), ...end }
    if (turn.status === 'failed') {
      const message = turn.error?.message ?? ''
      this.emit({ type: 'error', turnId: turn.id, message, willRetry: false })
    }
    this.#remember(running, turn)
    this.emit({ type: 'status', status: turn.status === 'failed' ? 'systemError' : 'idle', flags: [] })
    this.emit({ type: 'turnCompleted', turn })
  }

  #remember(running: Running, turn: SourceTurn): void {
    this.thread.turns.push(past(running, turn))
  }

  /** Ask the model until it uses no tool any more, as an agent does. */
  async #converse(running: Running): Promise<Partial<SourceTurn>> {
    const toolOutputs: string[] = []
    for (;;) {
      const { userTexts, settings } = this.thread
      const steps = await this.#unlessInterrupted(
        running,
        this.codex.ask({
          userTexts: [...userTexts],
          lastUserText: userTexts.at(-1) ?? '',
          afterTool: toolOutputs.length > 0,
          toolOutputs: [...toolOutputs],
          model: settings.model ?? '',
          toolNames: ['exec_command', 'apply_patch', 'request_user_input'],
          body: {},
        }),
      )
      const before = toolOutputs.length
      for (const step of steps) await this.#step(running, step, toolOutputs)
      this.#tokens(running)
      if (toolOutputs.length === before) return {}
    }
  }

  async #step(running: Running, step: Step, outputs: string[]): Promise<void> {
    if (!this.isAlive) throw new Interrupted()
    if ('say' in step) await this.#say(running, step.say, step.chunks)
    else if ('think' in step)
      this.#item(running, 'reasoning', { summary: [step.think], content: [] }, 'completed')
    else if ('call' in step && step.call === 'exec_command')
      outputs.push(await this.#command(running, step.args))
    else if ('call' in step) outputs.push(await this.#question(running, step.args))
    else if ('custom' in step) outputs.push(await this.#patch(running, step.input))
    else if ('until' in step) await this.#unlessInterrupted(running, step.until)
    else if ('httpStatus' in step) throw new Error(step.message)
    else if ('fail' in step) throw new Error(step.fail)
  }

  async #say(running: Running, text: string, chunks?: Iterable<string>): Promise<void> {
    const item = this.#item(running, 'agentMessage', { text: '' }, 'inProgress')
    for (const chunk of chunks ?? text.match(/\S+\s*|\s+/g) ?? []) {
      await this.#unlessInterrupted(running, setImmediate())
      this.emit({ type: 'append', turnId: running.id, itemId: item.id, field: 'text', text: chunk })
    }
    this.#put(running, { ...item, status: 'completed', completedAt: Date.now(), body: { text } })
  }

  async #command(running: Running, args: unknown): Promise<string> {
    const { cmd, justification = null } = args as { cmd: string; justification?: string }
    const needsApproval = (args as Record<string, unknown>).sandbox_permissions === 'require_escalated'
    const command = `/bin/bash -lc '${cmd}'`
    const body = {
      command,
      cwd: this.thread.cwd,
      status: 'inProgress',
      aggregatedOutput: null,
      exitCode: null,
    }
    const item = this.#item(running, 'commandExecution', body, 'inProgress')
    const isAllowed =
      !needsApproval ||
      (await this.#approved(running, 'item/commandExecution/requestApproval', item, {
        command,
        reason: justification,
      }))
    const status = isAllowed ? 'completed' : 'declined'
    const output = isAllowed ? `ran: ${cmd}\n` : null
    const after = { ...body, status, aggregatedOutput: output, exitCode: isAllowed ? 0 : null }
    this.#put(running, { ...item, status, completedAt: Date.now(), body: after })
    return output ?? 'rejected by user'
  }

  async #patch(running: Running, input: string): Promise<string> {
    const paths = [...input.matchAll(/\*\*\* (?:Add|Update|Delete) File: (.+)/g)].map((match) => match[1])
    const changes = paths.map((path) => ({
      path: `${this.thread.cwd}/${path}`,
      kind: { type: 'add' },
      diff: '',
    }))
    const item = this.#item(running, 'fileChange', { changes, status: 'inProgress' }, 'inProgress')
    const isAllowed = await this.#approved(running, 'item/fileChange/requestApproval', item, { reason: null })
    const status = isAllowed ? 'completed' : 'declined'
    this.#put(running, { ...item, status, completedAt: Date.now(), body: { changes, status } })
    if (isAllowed) this.emit({ type: 'diff', turnId: running.id, unified: input })
    return status
  }

  async #question(running: Running, args: unknown): Promise<string> {
    const response = await this.#ask(running, 'item/tool/requestUserInput', null, args as object)
    return JSON.stringify(response)
  }

  async #approved(running: Running, method: string, item: SourceItem, params: object): Promise<boolean> {
    const { decision } = (await this.#ask(running, method, item, params)) as { decision: unknown }
    if (decision === 'cancel') throw new Interrupted()
    return decision !== 'decline'
  }

  async #ask(running: Running, method: string, item: SourceItem | null, params: object): Promise<unknown> {
    const id = this.#nextRequestId++
    const ids = { threadId: this.thread.id, turnId: running.id, itemId: item?.id ?? null }
    const { request, offers } = readApproval(
      { id, method, params: { ...ids, startedAtMs: Date.now(), ...params } },
      {
        threadId: this.thread.id,
        instance: this.record.id,
        turnIds: new TurnIds(this.record.id),
        codexVersion: null,
        pathsOf: () => ((item?.body.changes ?? []) as { path: string }[]).map((change) => change.path),
        now: Date.now,
      },
    )
    this.approvals.add(request.key, { id, turnId: running.id, offers })
    const event = { type: 'approvalRequested', approval: request } as const
    this.asked.set(request.key, event)
    const answered = new Promise((resolve) => this.#answers.set(id, resolve))
    this.emit({ type: 'status', status: 'active', flags: ['waitingOnApproval'] })
    this.emit(event)
    const response = await this.#unlessInterrupted(running, answered)
    this.#resolved(request.key)
    this.emit({ type: 'status', status: 'active', flags: [] })
    return response
  }

  #resolved(key: string): void {
    this.asked.delete(key)
    this.approvals.end(key)
    this.emit({ type: 'approvalResolved', key })
  }

  #item(
    running: Running,
    type: string,
    body: Record<string, unknown>,
    status: SourceItem['status'],
  ): SourceItem {
    const now = Date.now()
    const item: SourceItem = {
      id: this.codex.mintUuid(),
      type,
      status: 'inProgress',
      startedAt: now,
      completedAt: null,
      body,
    }
    this.#put(running, item)
    if (status === 'completed') this.#put(running, { ...item, status, completedAt: now })
    return item
  }

  #put(running: Running, item: SourceItem): void {
    running.items.set(item.id, item)
    this.emit({ type: 'item', turnId: running.id, item })
  }

  #tokens(running: Running): void {
    const calls = this.codex.requests.length
    const counts = (times: number) => ({
      totalTokens: 120 * times,
      inputTokens: 100 * times,
      cachedInputTokens: 40 * times,
      outputTokens: 20 * times,
      reasoningOutputTokens: 5 * times,
    })
    const tokens = { total: counts(calls), last: counts(1), contextWindow: 258_400 }
    this.emit({ type: 'tokens', turnId: running.id, tokens })
  }

  async #unlessInterrupted<T>(running: Running, promise: T | Promise<T>): Promise<T> {
    const first = await Promise.race([promise, running.interrupted.promise])
    if (first === 'interrupted') throw new Interrupted()
    return first as T
  }
}

/** Codex writes down the items that are finished. */
function past(running: Running, turn: SourceTurn): HistoryTurn {
  const items = [...running.items.values()].filter(({ status }) => status !== 'inProgress')
  return { turn, items, hasStableIds: true }
}
