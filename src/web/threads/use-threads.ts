/** Pages of Codex's own list of threads: of one home, asked anew whenever what is looked for changes. */
import { useEffect, useState } from 'react'
import type { Summary } from '../../protocol/summary.ts'
import type { Thread } from '../../protocol/thread.ts'
import { says, useHub } from '../hub.ts'

export interface Wanted {
  /** Null until the homes are known. */
  readonly home: string | null
  readonly query: string
  readonly archived: boolean
}

interface Found {
  readonly threads: readonly Thread[]
  /** The hub's sessions of them, by their ids. */
  readonly sessions: ReadonlyMap<string, Summary>
  readonly nextPageToken: string | null
}

const NOTHING: Found = { threads: [], sessions: new Map(), nextPageToken: null }
/** Codex is asked when somebody stopped typing. */
const TYPING_MS = 200

export interface ThreadPages extends Found {
  readonly isReading: boolean
  readonly problem: string | null
  more(): void
  /** Ask anew: something was done to one of them. */
  again(): void
}

export function useThreads({ home, query, archived }: Wanted): ThreadPages {
  const hub = useHub()
  const [found, setFound] = useState(NOTHING)
  const [pageToken, setPageToken] = useState<string | null>(null)
  const [looks, setLooks] = useState(0)
  const [isReading, setReading] = useState(true)
  const [problem, setProblem] = useState<string | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is looked for now has another first page
  useEffect(() => setPageToken(null), [home, query, archived, looks])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each look is one more
  useEffect(() => {
    if (home === null) return
    let isGone = false
    setReading(true)
    const read = async (): Promise<void> => {
      const words = query.trim()
      const page = await hub.request('thread/list', {
        home,
        archived,
        ...(words !== '' && { query: words }),
        ...(pageToken !== null && { pageToken }),
      })
      if (isGone) return
      setFound((known) => {
        const before = pageToken === null ? NOTHING : known
        return {
          threads: [...before.threads, ...page.threads],
          sessions: new Map([...before.sessions, ...page.sessions.map((each) => [each.id, each] as const)]),
          nextPageToken: page.nextPageToken,
        }
      })
      setProblem(null)
      setReading(false)
    }
    const timer = setTimeout(() => {
      read().catch((error: unknown) => {
        if (isGone) return
        setProblem(says(error))
        setReading(false)
      })
    }, TYPING_MS)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [hub, home, query, archived, pageToken, looks])
  return {
    ...found,
    isReading,
    problem,
    more: () => setPageToken(found.nextPageToken),
    again: () => setLooks((known) => known + 1),
  }
}
