/** The whole page: the list at the side, one session or the inbox beside it, and the keys that work everywhere. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Summary } from '../protocol/summary.ts'
import { ConnectionBar } from './connection-bar.tsx'
import { useHub, useReadable } from './hub.ts'
import { Inbox } from './inbox.tsx'
import { Keys } from './keys.tsx'
import { NewSession } from './list/new-session.tsx'
import { SessionList } from './list/session-list.tsx'
import { useNotifications, useTelling } from './notifications.ts'
import { SessionView } from './session/session-view.tsx'
import { Settings } from './settings.tsx'
import { useTheme } from './theme.ts'

/** Stands in the place of a session's id. */
const INBOX = 'inbox'

type Dialog = 'new' | 'keys' | 'settings' | null

export function App() {
  const hub = useHub()
  const list = useMemo(() => hub.sessions(), [hub])
  useEffect(() => () => list.release(), [list])
  const { state, status } = useReadable(list)
  const [selected, select] = useSelected()
  const [dialog, setDialog] = useState<Dialog>(null)
  const [theme, setTheme] = useTheme()
  const search = useRef<HTMLInputElement>(null)
  const [notifications, setNotifications] = useNotifications()
  const sessions = useMemo(() => [...(state?.sessions.values() ?? [])], [state])
  useTelling(sessions, notifications, select)
  const waiting = sessions
    .filter(({ attention }) => attention?.reason === 'approval' || attention?.reason === 'question')
    .toSorted((a, b) => (a.attention?.since ?? 0) - (b.attention?.since ?? 0))

  useEffect(() => {
    document.title = waiting.length > 0 ? `(${waiting.length}) codex-hub` : 'codex-hub'
  }, [waiting.length])

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select')
      if (event.key === 'Escape' && dialog === null && isTyping) (event.target as HTMLElement).blur()
      if (isTyping || event.metaKey || event.ctrlKey || event.altKey || dialog !== null) return
      const act: Record<string, () => void> = {
        '?': () => setDialog('keys'),
        n: () => setDialog('new'),
        '/': () => search.current?.focus(),
        j: () => step(1),
        k: () => step(-1),
        g: () => next(),
        i: () => select(INBOX),
      }
      const run = act[event.key]
      if (!run) return
      event.preventDefault()
      run()
    }
    const order = () =>
      [...document.querySelectorAll<HTMLElement>('[data-session]')].map((row) => row.dataset.session ?? '')
    const step = (by: number) => {
      const ids = order()
      const at = ids.indexOf(selected ?? '')
      const id = ids[Math.min(ids.length - 1, Math.max(0, at + by))]
      if (id) select(id)
    }
    const next = () => {
      const ids = waiting.map(({ id }) => id)
      const id = ids[(ids.indexOf(selected ?? '') + 1) % Math.max(1, ids.length)]
      if (id) select(id)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })

  return (
    <div className={selected === null ? 'app' : 'app has-session'}>
      <aside className="side">
        <header>
          <h1>codex-hub</h1>
          <button
            type="button"
            className="icon"
            aria-label="Settings"
            title="Settings"
            onClick={() => setDialog('settings')}
          >
            ⚙
          </button>
          {waiting.length > 0 && (
            <button type="button" className="waiting" onClick={() => select(INBOX)} title="Inbox (i)">
              {waiting.length} waiting
            </button>
          )}
          <button type="button" className="primary" onClick={() => setDialog('new')} title="New session (n)">
            New
          </button>
        </header>
        <ConnectionBar />
        <SessionList
          sessions={sessions}
          total={state?.total ?? 0}
          isLoading={status === 'loading'}
          selected={selected}
          onSelect={select}
          search={search}
        />
      </aside>
      <main className="main">
        {selected === null ? (
          <Empty sessions={sessions} onNew={() => setDialog('new')} />
        ) : selected === INBOX ? (
          <Inbox waiting={waiting} onSelect={select} onBack={() => select(null)} />
        ) : (
          <SessionView key={selected} sessionId={selected} onBack={() => select(null)} onSelect={select} />
        )}
      </main>
      {dialog === 'new' && (
        <NewSession
          sessions={sessions}
          onClose={() => setDialog(null)}
          onMade={(id) => {
            setDialog(null)
            select(id)
          }}
        />
      )}
      {dialog === 'keys' && <Keys onClose={() => setDialog(null)} />}
      {dialog === 'settings' && (
        <Settings
          theme={theme}
          onTheme={setTheme}
          notifications={notifications}
          onNotifications={setNotifications}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  )
}

function Empty({ sessions, onNew }: { sessions: readonly Summary[]; onNew: () => void }) {
  return (
    <div className="empty">
      {sessions.length === 0 ? <h2>No sessions yet</h2> : <h2>Choose a session</h2>}
      <p>
        Sessions you start in a terminal appear here by themselves. Press <kbd>?</kbd> for the keys.
      </p>
      <button type="button" className="primary" onClick={onNew}>
        New session
      </button>
    </div>
  )
}

/** The session of the address bar: links to it work, and so does the browser's way back. */
function useSelected(): [string | null, (id: string | null) => void] {
  const read = () => new URLSearchParams(location.hash.slice(1)).get('session')
  const [selected, setSelected] = useState(read)
  useEffect(() => {
    const onChange = () => setSelected(read())
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  })
  const select = useCallback((id: string | null) => {
    location.hash = id === null ? '' : `session=${id}`
  }, [])
  return [selected, select]
}
