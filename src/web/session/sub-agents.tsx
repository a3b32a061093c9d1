/** Agents that the agent started: what it told them, how they are, and their own work, nested where they were called. */
import { createContext, Fragment, type ReactNode, useContext, useState } from 'react'
import type { Item } from '../../protocol/item.ts'
import type { Summary } from '../../protocol/summary.ts'
import { textOf } from '../format.ts'
import { useReadable, useSession } from '../hub.ts'
import { stateOf, toneOf } from '../list/row.tsx'

/** The listed sessions by the thread of each. */
const ThreadsContext = createContext<ReadonlyMap<string, Summary>>(new Map())
export const ThreadsProvider = ThreadsContext.Provider

/** A session of the list by its id. */
export function useListed(sessionId: string | null): Summary | undefined {
  const sessions = useContext(ThreadsContext)
  return sessionId === null ? undefined : [...sessions.values()].find(({ id }) => id === sessionId)
}

/** How an item is shown: given from there, since that is who shows these. */
type ShowItem = (item: Item, session: Summary) => ReactNode

interface Props {
  readonly body: Item['body']
  readonly show: ShowItem
}

/** Of an agent's work the newest part is shown; all of it is one click away. */
const SHOWN_ITEMS = 12

const TOOLS: Record<string, string> = {
  spawnAgent: 'Started an agent',
  sendInput: 'Told an agent',
  resumeAgent: 'Resumed an agent',
  wait: 'Waited for',
  closeAgent: 'Ended an agent',
}

const ACTIVITIES: Record<string, string> = {
  started: 'An agent began',
  interacted: 'An agent was told something',
  interrupted: 'An agent was interrupted',
  completed: 'An agent is done',
}

export function AgentCall({ body, status, show }: Props & { status: Item['status'] }) {
  const threads = Array.isArray(body.receiverThreadIds) ? body.receiverThreadIds.map(textOf) : []
  const states = (body.agentsStates ?? {}) as Record<string, { status?: string; message?: string | null }>
  const chosen = [textOf(body.model), textOf(body.reasoningEffort)].filter((word) => word !== '')
  return (
    <div className="agents">
      <p className="mark">
        {TOOLS[textOf(body.tool)] ?? (textOf(body.tool) || 'Agents')}
        {chosen.length > 0 && ` (${chosen.join(', ')})`}
        {status === 'inProgress' && '…'}
        {status === 'failed' && ': failed'}
      </p>
      {textOf(body.prompt) !== '' && <blockquote>{textOf(body.prompt)}</blockquote>}
      {threads.map((threadId) => (
        <Agent
          key={threadId}
          threadId={threadId}
          told={[states[threadId]?.status, states[threadId]?.message]}
          show={show}
        />
      ))}
    </div>
  )
}

export function AgentActivity({ body, show }: Props) {
  return (
    <div className="agents">
      <p className="mark">{ACTIVITIES[textOf(body.kind)] ?? `An agent: ${textOf(body.kind)}`}</p>
      <Agent threadId={textOf(body.agentThreadId)} told={[textOf(body.agentPath)]} show={show} />
    </div>
  )
}

interface AgentProps {
  readonly threadId: string
  /** What the calling thread knows of it. */
  readonly told: readonly (string | null | undefined)[]
  readonly show: ShowItem
}

function Agent({ threadId, told, show }: AgentProps) {
  const session = useContext(ThreadsContext).get(threadId)
  const [isOpen, setOpen] = useState(false)
  const words = told.filter((word) => word)
  if (!session) return words.length === 0 ? null : <p className="quiet agent-words">{words.join(' · ')}</p>
  return (
    <details className="agent" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className={`state ${toneOf(session)}`} aria-hidden="true" />
        <b>{session.title}</b>
        <span className="quiet">{stateOf(session)}</span>
        <a href={`#session=${session.id}`}>Open</a>
      </summary>
      {isOpen && <Work session={session} show={show} />}
    </details>
  )
}

function Work({ session, show }: { session: Summary; show: ShowItem }) {
  const { state } = useReadable(useSession(session.id))
  if (!state) return <p className="quiet">Reading…</p>
  const items = state.items.slice(-SHOWN_ITEMS)
  return (
    <div className="work">
      {items.map((item) => (
        <Fragment key={item.id}>{show(item, session)}</Fragment>
      ))}
      {items.length === 0 && <p className="quiet">Nothing was said yet.</p>}
    </div>
  )
}
