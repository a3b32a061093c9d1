/** The whole page: the list at the side, one session or the inbox beside it, and the keys that work everywhere. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Summary } from '../protocol/summary.ts'
import { ConnectionBar } from './connection-bar.tsx'
import { type DialogName, Dialogs } from './dialogs.tsx'
import { useHub, useReadable } from './hub.ts'
import { Inbox } from './inbox/inbox.tsx'
import { useNotifications, useTelling } from './inbox/notifications.ts'
import { fragmentOf } from './links.ts'
import { togglePin } from './list/pins.ts'
import { SessionList } from './list/session-list.tsx'
import { SessionView } from './session/session-view.tsx'
import { ThreadsProvider } from './session/sub-agents.tsx'
import type { Target } from './session/timeline.tsx'
import { useDensity, useTheme } from './settings/theme.ts'
import { SideHead } from './side-head.tsx'
import { isTyping, useKeys } from './use-keys.ts'

/** Stands in the place of a session's id. */
const INBOX = 'inbox'

export function App() {
  const hub = useHub()
  const list = useMemo(() => hub.sessions(), [hub])
  useEffect(() => () => list.release(), [list])
  const { state, status } = useReadable(list)
  const [{ selected, target }, select] = useSelected()
  const [dialog, setDialog] = useState<DialogName | null>(null)
  const [dropped, setDropped] = useState<File | null>(null)
  const [theme, setTheme] = useTheme()
  const [density, setDensity] = useDensity()
  const isLive = useReadable(hub.connection).status === 'live'
  const search = useRef<HTMLInputElement>(null)
  const [notifications, setNotifications] = useNotifications()
  const sessions = useMemo(() => [...(state?.sessions.values() ?? [])], [state])
  const log = useMemo(() => hub.attention(), [hub])
  useEffect(() => () => log.release(), [log])
  const known = useReadable(log).state
  const entries = useMemo(() => (known ? [...known.entries.values()] : null), [known])
  useTelling(entries, notifications, select)
  const waiting = sessions
    .filter(({ attention }) => attention?.reason === 'approval' || attention?.reason === 'question')
    .toSorted((a, b) => (a.attention?.since ?? 0) - (b.attention?.since ?? 0))

  useEffect(() => {
    document.title = waiting.length > 0 ? `(${waiting.length}) codex-hub` : 'codex-hub'
  }, [waiting.length])

  // The address tells of the last key already, which may not be drawn yet.
  const step = (by: number) => {
    const ids = [...document.querySelectorAll<HTMLElement>('[data-session]')].map(
      (row) => row.dataset.session ?? '',
    )
    const id = ids[Math.min(ids.length - 1, Math.max(0, ids.indexOf(readPlace().selected ?? '') + by))]
    if (id) select(id)
  }
  const next = () => {
    const ids = waiting.map(({ id }) => id)
    const id = ids[(ids.indexOf(readPlace().selected ?? '') + 1) % Math.max(1, ids.length)]
    if (id) select(id)
  }
  useKeys({
    '?': () => setDialog('keys'),
    n: () => setDialog('new'),
    s: () => setDialog('settings'),
    t: () => setDialog('threads'),
    '/': () => search.current?.focus(),
    p: () => {
      if (selected !== null && selected !== INBOX) togglePin(selected)
    },
    c: () => document.querySelector<HTMLElement>('.composer textarea')?.focus(),
    j: () => step(1),
    k: () => step(-1),
    g: next,
    i: () => select(INBOX),
  })
  useEffect(() => {
    const onEscape = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && isTyping(event))
        (event.target as HTMLElement).blur()
    }
    addEventListener('keydown', onEscape)
    return () => removeEventListener('keydown', onEscape)
  }, [])

  const threads = useMemo(
    () =>
      new Map(sessions.flatMap((each) => (each.threadId === null ? [] : [[each.threadId, each] as const]))),
    [sessions],
  )
  return (
    <ThreadsProvider value={threads}>
      <div className={selected === null ? 'app' : 'app has-session'} data-live={isLive}>
        <aside
          className="side"
          onDragOver={(event) => {
            if (event.dataTransfer.types.includes('Files')) event.preventDefault()
          }}
          onDrop={(event) => {
            event.preventDefault()
            setDropped(event.dataTransfer.files[0] ?? null)
            setDialog('import')
          }}
        >
          <SideHead
            waiting={waiting.length}
            entries={entries ?? []}
            isInbox={selected === INBOX}
            onInbox={() => select(INBOX)}
            onSettings={() => setDialog('settings')}
            onNew={() => setDialog('new')}
          />
          <ConnectionBar />
          <SessionList
            sessions={sessions}
            total={state?.total ?? 0}
            isLoading={status === 'loading'}
            selected={selected}
            onSelect={select}
            search={search}
          />
          <footer>
            <button type="button" title="Every thread Codex knows (t)" onClick={() => setDialog('threads')}>
              All threads
            </button>
            <button
              type="button"
              title="A session as a file of another hub"
              onClick={() => setDialog('import')}
            >
              Import
            </button>
            <button type="button" title="The keys of this page (?)" onClick={() => setDialog('keys')}>
              Keys
            </button>
          </footer>
        </aside>
        {/* Told to who does not see the list. */}
        <p className="unseen" role="status">
          {waiting.length > 0 && `${waiting.length} waiting for you`}
        </p>
        <main className="main">
          {/* Where the list is not beside it. */}
          <ConnectionBar />
          {selected === null ? (
            <Empty sessions={sessions} onNew={() => setDialog('new')} />
          ) : selected === INBOX ? (
            <Inbox waiting={waiting} entries={entries ?? []} onSelect={select} onBack={() => select(null)} />
          ) : (
            <SessionView
              key={selected}
              sessionId={selected}
              target={target}
              elsewhere={waiting.filter(({ id }) => id !== selected).length}
              onNext={next}
              onBack={() => select(null)}
              onSelect={select}
            />
          )}
        </main>
        <Dialogs
          name={dialog}
          dropped={dropped}
          sessions={sessions}
          theme={theme}
          density={density}
          onDensity={setDensity}
          onTheme={setTheme}
          notifications={notifications}
          onNotifications={setNotifications}
          onOpen={setDialog}
          onSelect={select}
          onClose={() => {
            setDialog(null)
            setDropped(null)
          }}
        />
      </div>
    </ThreadsProvider>
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

interface Place {
  readonly selected: string | null
  readonly target: Target | null
}

function readPlace(): Place {
  const fragment = new URLSearchParams(location.hash.slice(1))
  const itemId = fragment.get('item')
  return { selected: fragment.get('session'), target: itemId === null ? null : { itemId } }
}

/** The session of the address bar, and the item in it: links work, and so does the browser's way back. */
function useSelected(): [Place, (id: string | null, itemId?: string) => void] {
  const [place, setPlace] = useState(readPlace)
  useEffect(() => {
    const onChange = () => setPlace(readPlace())
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  }, [])
  const select = useCallback((id: string | null, itemId?: string) => {
    const before = location.hash
    location.hash = id === null ? '' : fragmentOf(id, itemId)
    // The browser says nothing of a place that is the same; whoever asks again wants to go there again.
    if (itemId !== undefined && location.hash === before) setPlace(readPlace())
  }, [])
  return [place, select]
}
