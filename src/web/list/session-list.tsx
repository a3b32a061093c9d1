/**
 * All sessions, by project; what needs a person comes first, subagents stand under who started them. The order stays
 * while somebody points at it.
 */
import { memo, type RefObject, useMemo, useRef, useState } from 'react'
import type { Summary } from '../../protocol/summary.ts'
import { ago, count, shortPath } from '../format.ts'
import { useReadable } from '../hub.ts'
import { Icon } from '../icons.tsx'
import { Hits } from '../search/hits.tsx'
import { pins, togglePin } from './pins.ts'

interface Props {
  readonly sessions: readonly Summary[]
  readonly total: number
  readonly isLoading: boolean
  readonly selected: string | null
  readonly onSelect: (id: string, itemId?: string) => void
  readonly search: RefObject<HTMLInputElement | null>
}

/** Rows drawn at once; more on request. */
const SHOWN = 300

const FILTERS = {
  all: { label: 'All', fits: ({ archived }) => !archived },
  needsYou: { label: 'Needs you', fits: (session) => !session.archived && rank(session) < 2 },
  working: { label: 'Working', fits: (session) => !session.archived && rank(session) === 2 },
  archived: { label: 'Archived', fits: ({ archived }) => archived },
} as const satisfies Record<string, { label: string; fits(session: Summary): boolean }>

export function SessionList({ sessions, total, isLoading, selected, onSelect, search }: Props) {
  const [query, setQuery] = useState('')
  const [filter, setFilter] = useState<keyof typeof FILTERS>('all')
  const [shown, setShown] = useState(SHOWN)
  const [isPointed, setPointed] = useState(false)
  const pinned = useReadable(pins)
  const held = useRef<readonly string[]>([])
  const { groups, children, fitting } = useMemo(() => {
    const threads = new Set(sessions.map(({ threadId }) => threadId))
    const children = Map.groupBy(
      sessions.filter(({ parentThreadId }) => parentThreadId !== null && threads.has(parentThreadId)),
      ({ parentThreadId }) => parentThreadId,
    )
    const words = query.toLowerCase().split(/\s+/)
    const fits = (session: Summary) => {
      const text =
        `${session.title} ${session.cwd} ${session.git?.branch ?? ''} ${session.settings.model ?? ''}`.toLowerCase()
      return (
        !(session.parentThreadId !== null && threads.has(session.parentThreadId)) &&
        FILTERS[filter].fits(session) &&
        words.every((word) => text.includes(word))
      )
    }
    // What needs a person, then what a person pinned, then the rest.
    const place = (session: Summary) =>
      rank(session) < 2 ? rank(session) : rank(session) + (pinned.has(session.id) ? 0 : 10)
    const before = new Map(held.current.map((id, index) => [id, index]))
    const sorted = sessions.filter(fits).toSorted((a, b) => {
      const [placeA, placeB] = [before.get(a.id), before.get(b.id)]
      // Rows do not move away from under a pointer.
      if (isPointed && placeA !== undefined && placeB !== undefined) return placeA - placeB
      return place(a) - place(b) || b.updatedAt - a.updatedAt
    })
    held.current = sorted.map(({ id }) => id)
    const byProject = new Map<string, Summary[]>()
    for (const session of sorted.slice(0, shown)) {
      const isUrgent = session.attention && rank(session) < 2
      const project = isUrgent
        ? 'Needs you'
        : pinned.has(session.id)
          ? 'Pinned'
          : (session.git?.root ?? session.cwd)
      byProject.set(project, [...(byProject.get(project) ?? []), session])
    }
    return { groups: [...byProject], children, fitting: sorted.length }
  }, [sessions, query, filter, shown, isPointed, pinned])
  const listed = useMemo(() => new Set(sessions.map(({ id }) => id)), [sessions])
  return (
    <>
      <div className="filters">
        <input
          ref={search}
          type="search"
          placeholder="Search names and texts"
          aria-label="Search sessions"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <select
          aria-label="Which sessions"
          value={filter}
          onChange={(event) => setFilter(event.target.value as keyof typeof FILTERS)}
        >
          {Object.entries(FILTERS).map(([name, { label }]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <nav
        className="list"
        aria-label="Sessions"
        onPointerEnter={() => setPointed(true)}
        onPointerLeave={() => setPointed(false)}
      >
        {isLoading && <p className="quiet">Loading…</p>}
        {!isLoading && groups.length === 0 && (
          <p className="quiet">{query === '' ? 'Nothing here.' : 'No name fits.'}</p>
        )}
        {groups.map(([project, members]) => (
          <section key={project}>
            <h2 title={project}>{shortPath(project)}</h2>
            <ul>
              {members
                .flatMap((session) => [session, ...(children.get(session.threadId) ?? [])])
                .map((session) => (
                  <Row
                    key={session.id}
                    session={session}
                    isChild={session.parentThreadId !== null}
                    isSelected={session.id === selected}
                    isPinned={pinned.has(session.id)}
                    onSelect={onSelect}
                  />
                ))}
            </ul>
          </section>
        ))}
        <Hits query={query} listed={listed} onSelect={onSelect} />
        {fitting > shown && (
          <button type="button" onClick={() => setShown(shown + SHOWN)}>
            {fitting - shown} more
          </button>
        )}
        {total > sessions.length && (
          <p className="quiet">
            {total} sessions in all; the newest {sessions.length} are here.
          </p>
        )}
      </nav>
    </>
  )
}

interface RowProps {
  readonly session: Summary
  readonly isChild: boolean
  readonly isSelected: boolean
  readonly isPinned: boolean
  readonly onSelect: (id: string) => void
}

const Row = memo(function Row({ session, isChild, isSelected, isPinned, onSelect }: RowProps) {
  const { id, title, door, phase, git, settings, updatedAt, unread, queue, tokens } = session
  return (
    <li className="row-place">
      <button
        type="button"
        className={isChild ? 'row child' : 'row'}
        data-session={id}
        aria-current={isSelected}
        onClick={() => onSelect(id)}
      >
        <span className={`state ${toneOf(session)}`} title={phase} />
        <span className="title">{title}</span>
        <span className="age">{ago(updatedAt)}</span>
        <span className="sub">
          <span className="word">{stateOf(session)}</span>
          {unread > 0 && <span className="badge strong">{unread} new</span>}
          {queue && queue.entries > 0 && (
            <span className={queue.isHeld ? 'badge strong' : 'badge'}>
              {queue.entries} {queue.isHeld ? 'held' : 'queued'}
            </span>
          )}
          {door !== 'dormant' && <span className="badge">{door}</span>}
          {git?.branch && <span className="badge">{git.branch}</span>}
          {settings.model && <span className="badge">{settings.model}</span>}
          {tokens && <span className="badge">{count(tokens.total.totalTokens)} tokens</span>}
        </span>
      </button>
      {!isChild && (
        <button
          type="button"
          className="pin"
          aria-pressed={isPinned}
          aria-label={`Pin ${title}`}
          title={isPinned ? 'Unpin' : 'Pin'}
          onClick={() => togglePin(id)}
        >
          <Icon name="pin" />
        </button>
      )}
    </li>
  )
})

function rank({ attention, phase, door }: Summary): number {
  if (attention?.reason === 'approval' || attention?.reason === 'question') return 0
  if (attention?.reason === 'failed') return 1
  if (phase === 'working' || phase === 'starting' || phase === 'recovering') return 2
  return door === 'dormant' ? 4 : 3
}

export function toneOf({ attention, phase }: Summary): string {
  if (attention?.reason === 'approval' || attention?.reason === 'question') return 'waiting'
  if (attention?.reason === 'failed' || phase === 'failed') return 'failed'
  if (phase === 'working' || phase === 'starting' || phase === 'recovering') return 'working'
  return attention?.reason === 'finished' ? 'finished' : 'resting'
}

export function stateOf({ attention, phase, note }: Summary): string {
  if (attention?.reason === 'approval') return `needs approval · ${ago(attention.since)}`
  if (attention?.reason === 'question') return `asks you · ${ago(attention.since)}`
  if (attention?.reason === 'failed') return 'failed'
  if (note !== null) return note
  return attention?.reason === 'finished' && phase !== 'working' ? 'finished' : phase
}
