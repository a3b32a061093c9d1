/** Every thread Codex knows, in any of its homes: shown, made a session of the hub, gone on with, forked. */

import { useEffect, useState } from 'react'
import { ago } from '../../base/ago.ts'
import type { Home } from '../../protocol/home.ts'
import type { Summary } from '../../protocol/summary.ts'
import type { Thread } from '../../protocol/thread.ts'
import { Dialog } from '../dialog.tsx'
import { shortPath } from '../format.ts'
import { says, useHub } from '../hub.ts'
import { type ThreadPages, useThreads } from './use-threads.ts'
import './threads.css'
import { Problem } from '../problem.tsx'

interface Props {
  readonly onClose: () => void
  readonly onSelect: (id: string) => void
  readonly onImport: () => void
}

export function ThreadsDialog({ onClose, onSelect, onImport }: Props) {
  const hub = useHub()
  const [homes, setHomes] = useState<readonly Home[]>([])
  const [home, setHome] = useState<string | null>(null)
  const [query, setQuery] = useState('')
  const [archived, setArchived] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  useEffect(() => {
    hub.request('home/list', {}).then(
      (result) => {
        setHomes(result.homes)
        setHome((known) => known ?? result.homes[0]?.codexHome ?? null)
      },
      (error) => setTrouble(says(error)),
    )
  }, [hub])
  const pages = useThreads({ home, query, archived })
  const problem = trouble ?? pages.problem
  const isWatched = homes.find(({ codexHome }) => codexHome === home)?.adopt ?? true
  const watch = async (codexHome: string): Promise<void> => {
    setTrouble(null)
    try {
      setHomes((await hub.command('home/set', { home: codexHome, adopt: true })).homes)
      pages.again()
    } catch (error) {
      setTrouble(says(error))
    }
  }
  const show = (id: string): void => {
    onClose()
    onSelect(id)
  }
  return (
    <Dialog title="Every thread of Codex" onClose={onClose}>
      <div className="threads">
        <div className="asked-for">
          <input
            type="search"
            aria-label="Search titles"
            placeholder="Search titles"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          {homes.length > 1 && (
            <select
              aria-label="Codex home"
              value={home ?? ''}
              onChange={(event) => setHome(event.target.value)}
            >
              {homes.map(({ codexHome }) => (
                <option key={codexHome} value={codexHome}>
                  {shortPath(codexHome)}
                </option>
              ))}
            </select>
          )}
          <label className="choice">
            <input
              type="checkbox"
              checked={archived}
              onChange={(event) => setArchived(event.target.checked)}
            />
            Archived
          </label>
        </div>
        <Problem says={problem} />
        {!isWatched && home !== null && (
          <p className="unwatched quiet">
            This home is not watched: what is in it can be seen, and not be adopted.{' '}
            {hub.welcome?.scopes.includes('admin') && (
              <button type="button" onClick={() => void watch(home)}>
                Watch it
              </button>
            )}
          </p>
        )}
        <ThreadList pages={pages} canAdopt={isWatched} onShow={show} onProblem={setTrouble} />
        <footer>
          <span className="quiet">Not here? It may be in a file of another hub.</span>
          <button type="button" onClick={onImport}>
            Import a file…
          </button>
        </footer>
      </div>
    </Dialog>
  )
}

interface ListProps {
  readonly pages: ThreadPages
  readonly canAdopt: boolean
  readonly onShow: (id: string) => void
  readonly onProblem: (problem: string | null) => void
}

function ThreadList({ pages, canAdopt, onShow, onProblem }: ListProps) {
  const hub = useHub()
  const [busy, setBusy] = useState<string | null>(null)
  const { threads, sessions, nextPageToken, isReading, problem } = pages
  const run = async (threadId: string, work: () => Promise<string | null>): Promise<void> => {
    setBusy(threadId)
    onProblem(null)
    try {
      const shown = await work()
      if (shown !== null) return onShow(shown)
      pages.again()
    } catch (error) {
      onProblem(says(error))
    }
    setBusy(null)
  }
  const resume = async (sessionId: string) => {
    await hub.command('session/resume', { sessionId })
    return sessionId
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <div className="found" tabIndex={0} aria-busy={isReading}>
      {threads.length === 0 && problem === null && (
        <p className="quiet">{isReading ? 'Asking Codex…' : 'Codex knows no such thread.'}</p>
      )}
      <ul>
        {threads.map((thread) => {
          const session = thread.sessionId === null ? undefined : sessions.get(thread.sessionId)
          const can = (method: string) => session?.capabilities.includes(method) === true
          const { threadId, sessionId } = thread
          const act = (label: string, work: () => Promise<string | null>) => (
            <button
              type="button"
              disabled={busy !== null}
              aria-label={`${label}: ${thread.title}`}
              onClick={() => void run(threadId, work)}
            >
              {label}
            </button>
          )
          return (
            <li key={threadId}>
              <ThreadWords thread={thread} session={session} />
              <span className="acts">
                {sessionId !== null && can('session/resume') && act('Resume', () => resume(sessionId))}
                {sessionId !== null &&
                  can('session/fork') &&
                  act('Fork', async () => (await hub.command('session/fork', { sessionId })).session.id)}
                {sessionId === null &&
                  canAdopt &&
                  act('Adopt', async () => (await hub.command('session/adopt', { threadId })).session.id)}
                {sessionId !== null && act('Open', async () => sessionId)}
              </span>
            </li>
          )
        })}
      </ul>
      {nextPageToken !== null && (
        <button type="button" disabled={isReading} onClick={pages.more}>
          {isReading ? 'Asking Codex…' : 'Older ones'}
        </button>
      )}
    </div>
  )
}

function ThreadWords({ thread, session }: { thread: Thread; session: Summary | undefined }) {
  const { title, cwd, updatedAt, model, source, branch, sessionId, parentThreadId } = thread
  const words = [
    session ? session.door : sessionId === null ? 'not in the hub' : null,
    cwd === null ? null : shortPath(cwd),
    branch,
    model,
    // Of what the hub runs itself Codex knows no better than the library it is asked through.
    parentThreadId !== null ? 'sub-agent' : session?.door === 'driven' ? null : source,
    updatedAt === null ? null : `${ago(updatedAt)} ago`,
  ]
  return (
    <span className="words">
      <b title={title}>{title}</b>
      <small className="quiet">{words.filter((word) => word !== null && word !== '').join(' · ')}</small>
    </span>
  )
}
