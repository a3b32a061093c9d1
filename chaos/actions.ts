/** What people and programs do to a hub while things go wrong. Each action keeps its own account in the facts. */
import type { HubClient } from '../src/client/client.ts'
import type { CommandName } from '../src/protocol/methods.ts'
import { again, carryOut, isUntried, newCommand, run } from './commands.ts'
import type { Command, Facts, SessionFacts } from './facts.ts'
import type { Link } from './link.ts'
import { KINDS } from './prompts.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

export interface Stage {
  readonly facts: Facts
  readonly links: readonly Link[]
  readonly project: string
  readonly random: Random
  readonly timeline: Timeline
  /** Let held turns go on. */
  openGate(): void
}

interface Action {
  readonly weight: number
  /** @returns undefined where there is nothing to do it to */
  act(stage: Stage): Promise<unknown> | undefined
}

const input = (text: string) => [{ type: 'text' as const, text }]

const CREATE: Action = {
  weight: 2,
  act: ({ facts, links, project, random }) => {
    const name = facts.mintName()
    const params = {
      cwd: project,
      settings: { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
      ...(random.chance(0.5) ? { name } : {}),
    }
    return run(facts, random.pick(links).hub, 'session/create', params).then(({ command, answer }) => {
      if (command.outcome !== 'done') return
      const session = facts.session((answer as { session: { id: string } }).session.id)
      facts.made.add(session.id)
      if ('name' in params) session.name.settled(name, 'done')
    })
  },
}

const ACTIONS: readonly Action[] = [
  CREATE,
  {
    weight: 8,
    act: (stage) => {
      const { facts, links, random } = stage
      const session = anySession(stage)
      if (!session) return undefined
      const name = facts.mintName()
      const text = `${random.pick(KINDS)} ${name}`
      const whenBusy = random.pick(['queue', 'queue', 'reject'])
      const params = { sessionId: session.id, input: input(text), whenBusy }
      const command = newCommand(facts, 'session/send', params)
      session.prompts.push({ name, text, command })
      return carryOut(facts, random.pick(links).hub, command)
    },
  },
  { weight: 4, act: (stage) => decide(stage) },
  {
    weight: 2,
    act: (stage) => {
      const session = anySession(stage)
      if (!session || session.name.isBusy || mayBeNamed(stage.facts, session.id)) return undefined
      const name = stage.facts.mintName()
      return replace(stage, 'session/rename', session, session.name, name, { name })
    },
  },
  {
    weight: 1,
    act: (stage) => {
      const session = anySession(stage)
      if (!session || session.model.isBusy) return undefined
      const model = `mock-${stage.facts.mintName()}`
      return replace(stage, 'session/configure', session, session.model, model, { settings: { model } })
    },
  },
  { weight: 2, act: (stage) => onSession(stage, 'session/interrupt') },
  { weight: 1, act: (stage) => onSession(stage, 'session/markRead') },
  { weight: 1, act: (stage) => onSession(stage, 'session/resume') },
  { weight: 1, act: (stage) => onSession(stage, 'session/end') },
  { weight: 1, act: (stage) => onSession(stage, 'queue/pause') },
  { weight: 2, act: (stage) => onSession(stage, 'queue/resume') },
  { weight: 3, act: (stage) => repeat(stage) },
  {
    weight: 2,
    act: async ({ openGate }) => openGate(),
  },
  {
    weight: 2,
    act: (stage) => {
      const session = anySession(stage)
      if (!session) return undefined
      const link = stage.random.pick(stage.links)
      if (stage.random.chance(0.3)) link.leave(session.id)
      else link.follow(session.id)
      return Promise.resolve()
    },
  },
]

/** Do something; resolves when it was answered. Undefined where nothing could be done. */
export function act(stage: Stage): Promise<unknown> | undefined {
  if (stage.facts.sessions.size === 0) return CREATE.act(stage)
  return stage.random.weighted(ACTIONS).act(stage)
}

export async function decideAs(
  facts: Facts,
  hub: HubClient,
  sessionId: string,
  approvalId: string,
  choice: string,
): Promise<Command> {
  const params = { sessionId, approvalId, answer: { choice } }
  const { command } = await run(facts, hub, 'approval/decide', params)
  if (command.outcome === 'done') facts.session(sessionId).decisions.set(approvalId, choice)
  return command
}

function anySession({ facts, links, random }: Stage): SessionFacts | undefined {
  // What others started counts as well, as soon as a client sees it.
  for (const { list } of links)
    for (const id of list.getSnapshot().state?.sessions.keys() ?? []) facts.session(id)
  const sessions = [...facts.sessions.values()]
  return sessions.length === 0 ? undefined : random.pick(sessions)
}

function onSession(
  stage: Stage,
  method: Extract<
    CommandName,
    | 'session/interrupt'
    | 'session/markRead'
    | 'session/resume'
    | 'session/end'
    | 'queue/pause'
    | 'queue/resume'
  >,
) {
  const session = anySession(stage)
  if (!session) return undefined
  return run(stage.facts, stage.random.pick(stage.links).hub, method, { sessionId: session.id })
}

/** Answer an approval that some client sees open; at times two clients do so at once. */
function decide({ facts, links, random }: Stage): Promise<unknown> | undefined {
  for (const link of links) {
    for (const { id } of facts.sessions.values()) {
      const approvals = link.follow(id).getSnapshot().state?.approvals ?? []
      const open = approvals.find(({ state }) => state === 'pending')
      if (!open) continue
      const deciders = random.chance(0.3) ? [link, random.pick(links)] : [link]
      return Promise.all(
        deciders.map(({ hub }) =>
          decideAs(facts, hub, id, open.id, random.pick(['accept', 'accept', 'decline'])),
        ),
      )
    }
  }
  return undefined
}

/** A session is seen before its making is answered, which may bring a name: nobody could say which name was last. */
function mayBeNamed({ made, commands }: Facts, sessionId: string): boolean {
  return (
    !made.has(sessionId) &&
    commands.some(({ method, outcome }) => method === 'session/create' && outcome === 'pending')
  )
}

async function replace(
  { facts, links, random }: Stage,
  method: 'session/rename' | 'session/configure',
  session: SessionFacts,
  field: SessionFacts['name'],
  value: string,
  params: Record<string, unknown>,
): Promise<void> {
  field.isBusy = true
  const { hub } = random.pick(links)
  const { command } = await run(facts, hub, method, { sessionId: session.id, ...params })
  field.settled(value, command.outcome)
  field.isBusy = false
}

function repeat({ facts, links, random }: Stage): Promise<unknown> | undefined {
  const { hub } = random.pick(links)
  const untried = facts.commands.filter(
    ({ method, answer }) => method === 'session/send' && isUntried(answer),
  )
  if (untried.length > 0) return carryOut(facts, hub, random.pick(untried))
  const done = facts.commands.filter(({ outcome }) => outcome === 'done')
  return done.length === 0 ? undefined : again(facts, hub, random.pick(done))
}
