/** Places where words were said, in all sessions or in one, newest first. */

import { Fragment, useEffect, useState } from 'react'
import { ago } from '../../base/ago.ts'
import type { ResultOf } from '../../protocol/methods.ts'
import type { SearchHit } from '../../protocol/search.ts'
import { says, useHub } from '../hub.ts'
import { Problem } from '../problem.tsx'

interface Props {
  readonly query: string
  readonly sessionId?: string
  /** Sessions whose names are searched by whoever shows this. */
  readonly listed?: ReadonlySet<string>
  readonly onSelect: (id: string, itemId?: string) => void
}

type Found = ResultOf<'session/search'>

/** Words that come faster than this are searched for together. */
const PAUSE_MS = 150
const PAGE = 20
/** Fewer letters fit nearly everything. */
const FEWEST_LETTERS = 2

export function Hits({ query, sessionId, listed, onSelect }: Props) {
  const hub = useHub()
  const words = query.trim()
  const [found, setFound] = useState<{ of: string; pages: readonly Found[] } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const isWanted = words.length >= FEWEST_LETTERS
  useEffect(() => {
    if (!isWanted) return
    let isGone = false
    const timer = setTimeout(() => {
      hub.request('session/search', { query: words, limit: PAGE, ...(sessionId && { sessionId }) }).then(
        (page) => {
          if (isGone) return
          setFound({ of: words, pages: [page] })
          setProblem(null)
        },
        (error) => !isGone && setProblem(says(error)),
      )
    }, PAUSE_MS)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [hub, words, sessionId, isWanted])
  if (!isWanted) return null
  const pages = found?.pages ?? []
  const last = pages.at(-1)
  const isShown = (hit: SearchHit) => sessionId !== undefined || listed?.has(hit.sessionId)
  const titles = new Map(pages.flatMap(({ sessions }) => sessions.map(({ id, title }) => [id, title])))
  const hits = pages.flatMap((page) => page.hits).filter((hit) => hit.kind !== 'title' || !isShown(hit))
  const more = () => {
    const pageToken = last?.nextPageToken
    if (!pageToken) return
    hub
      .request('session/search', { query: words, limit: PAGE, pageToken, ...(sessionId && { sessionId }) })
      .then(
        (page) => setFound((known) => known && { ...known, pages: [...known.pages, page] }),
        (error) => setProblem(says(error)),
      )
  }
  return (
    <section className="hits" aria-label="What was said" aria-busy={found?.of !== words}>
      <h2>In conversations</h2>
      <Problem says={problem} />
      {found?.of === words && hits.length === 0 && <p className="quiet">Nobody said that.</p>}
      <ul>
        {hits.map((hit) => (
          <li key={`${hit.sessionId} ${hit.itemId ?? hit.kind}`}>
            <button type="button" onClick={() => onSelect(hit.sessionId, hit.itemId ?? undefined)}>
              <span className="from">
                {sessionId === undefined && <b>{titles.get(hit.sessionId)}</b>}
                <span>{KINDS[hit.kind]}</span>
                <span>{ago(hit.at)}</span>
              </span>
              <span className="snippet">
                <Marked {...hit.snippet} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {last?.nextPageToken && (
        <button type="button" onClick={more}>
          More
        </button>
      )}
      {last && !last.index.isComplete && (
        <p className="quiet">Not everything is read yet: {progressOf(last.index)}</p>
      )}
    </section>
  )
}

const KINDS: Record<SearchHit['kind'], string> = { title: 'title', prompt: 'prompt', message: 'Codex' }

function progressOf({ textsWaiting, rollouts }: Found['index']): string {
  return `${textsWaiting} texts wait, ${rollouts.indexed} of ${rollouts.total} files are read.`
}

function Marked({ text, marks }: SearchHit['snippet']) {
  return (
    <>
      {marks.map(({ start, end }, index) => (
        <Fragment key={start}>
          {text.slice(marks[index - 1]?.end ?? 0, start)}
          <mark>{text.slice(start, end)}</mark>
        </Fragment>
      ))}
      {text.slice(marks.at(-1)?.end ?? 0)}
    </>
  )
}
