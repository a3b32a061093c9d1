/**
 * All sessions, by project; what needs a person comes first, subagents stand under who started them. The order stays
 * while somebody reads or writes.
 */

import { type RefObject, useEffect, useMemo, useRef, useState } from 'react'
import { ago } from '../../base/ago.ts'
import type { Summary } from '../../protocol/summary.ts'
import { shortPath } from '../format.ts'
import { useReadable } from '../hub.ts'
import { Hits } from '../search/hits.tsx'
import { useNow } from '../use-now.ts'
import { type Group, isUrgent, isWorking, orderOf } from './order.ts'
import { pins } from './pins.ts'
import { Row, stateOf } from './row.tsx'
import { useHeld } from './use-held.ts'

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
/** Rows that nothing happens in grow older all the same. */
const AGES_MS = 10_000

const FILTERS = {
  all: { label: 'All', fits: ({ archived }) => !archived },
  needsYou: { label: 'Needs you', fits: (session) => !session.archived && isUrgent(session) },
  working: { label: 'Working', fits: (session) => !session.archived && isWorking(session.phase) },
  archived: { label: 'Archived', fits: ({ archived }) => archived },
} as const satisfies Record<string, { label: string; fits(session: Summary): boolean }>

/** What is on the screen, and what it was made for. */
interface Held {
  readonly asked: string
  readonly pinned: ReadonlySet<string>
  readonly groups: readonly Group[]
}

export function SessionList({ sessions, total, isLoading, selected, onSelect, search }: Props) {
  const [query, setQuery] = useState('')
  const [filter, setFilter] = useState<keyof typeof FILTERS>('all')
  const [shown, setShown] = useState(SHOWN)
  const hold = useHeld()
  const now = useNow(AGES_MS)
  const pinned = useReadable(pins)
  const { fitting, children } = useMemo(() => {
    const threads = new Set(sessions.map(({ threadId }) => threadId))
    const isChild = ({ parentThreadId }: Summary) => parentThreadId !== null && threads.has(parentThreadId)
    const words = query.toLowerCase().split(/\s+/).filter(Boolean)
    return {
      children: Map.groupBy(sessions.filter(isChild), ({ parentThreadId }) => parentThreadId),
      fitting: sessions.filter(
        (session) =>
          !isChild(session) && FILTERS[filter].fits(session) && (words.length === 0 || has(session, words)),
      ),
    }
  }, [sessions, query, filter])
  const asked = `${filter} ${query}`
  const held = useRef<Held | null>(null)
  const groups = useMemo(() => {
    const { current } = held
    // Who asks for others, or pins one, wants to see them in their order.
    const isSame = current?.asked === asked && current.pinned === pinned
    return orderOf(fitting, pinned, hold.isHeld && isSame ? current.groups : null, shown)
  }, [fitting, pinned, hold.isHeld, asked, shown])
  useEffect(() => {
    held.current = { asked, pinned, groups }
  }, [asked, pinned, groups])
  const list = useRef<HTMLElement>(null)
  // Whoever came by a key or a link sees where it stands.
  useEffect(() => {
    if (selected === null || isLoading) return
    const row = list.current?.querySelector(`[data-session="${CSS.escape(selected)}"]`)
    row?.scrollIntoView({ block: 'nearest' })
  }, [selected, isLoading])
  const listed = useMemo(() => new Set(sessions.map(({ id }) => id)), [sessions])
  return (
    <>
      <div className="filters">
        <input
          ref={search}
          type="search"
          placeholder="Search names, texts"
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
      <nav ref={list} className="list" aria-label="Sessions" {...hold.on}>
        {isLoading && <p className="quiet">Loading…</p>}
        {!isLoading && groups.length === 0 && (
          <p className="quiet">{query === '' ? 'Nothing here.' : 'No name fits.'}</p>
        )}
        {groups.map(({ name, members }) => (
          <section key={name}>
            <h2 title={name}>{shortPath(name)}</h2>
            <ul>
              {members
                .flatMap((session) => [session, ...(children.get(session.threadId) ?? [])])
                .map((session) => (
                  <Row
                    key={session.id}
                    session={session}
                    age={ago(session.updatedAt, now)}
                    says={stateOf(session, now)}
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
        {fitting.length > shown && (
          <button type="button" onClick={() => setShown(shown + SHOWN)}>
            {fitting.length - shown} more
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

function has({ title, cwd, git, settings }: Summary, words: readonly string[]): boolean {
  const text = `${title} ${cwd} ${git?.branch ?? ''} ${settings.model ?? ''}`.toLowerCase()
  return words.every((word) => text.includes(word))
}
