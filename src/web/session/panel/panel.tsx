/** What stands beside the conversation: facts and controls, changes, the plan. One at a time, by tabs. */
import { type KeyboardEvent, type ReactNode, useRef } from 'react'
import type { SessionSnapshot } from '../../../client/session-store.ts'
import type { SessionState } from '../../../protocol/session-state.ts'
import { Icon } from '../../icons.tsx'
import { useKept } from '../../kept.ts'
import { QueueList } from '../../queue/queue-list.tsx'
import { Findings } from '../../review/findings.tsx'
import { useBorrowedFocus } from '../../use-borrowed-focus.ts'
import { Changes } from './changes.tsx'
import { Facts } from './facts.tsx'
import { Plan } from './plan.tsx'
import { backgroundCount, Terminals } from './terminals.tsx'
import { Tools } from './tools.tsx'
import './panel.css'

interface Props {
  readonly snapshot: SessionSnapshot
  readonly state: SessionState
  readonly onSelect: (id: string, itemId?: string) => void
  readonly onClose: () => void
  /** It lies over the conversation, and was opened by hand. */
  readonly isCovering: boolean
}

interface Tab {
  readonly id: string
  readonly label: string
  /** Shown beside the label. */
  readonly count?: number
  render(): ReactNode
}

export function Panel({ snapshot, state, onSelect, onClose, isCovering }: Props) {
  const [chosen, choose] = useKept<string>('panel-tab', 'session')
  const [isWide, setWide] = useKept('panel-wide', false)
  const list = useRef<HTMLDivElement>(null)
  useBorrowedFocus(() => {
    if (isCovering) list.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus()
  })
  const { plan, diff, queue, summary } = state
  const reviewed = [...snapshot.older, ...state.items].findLast(({ type }) => type === 'exitedReviewMode')
  const background = backgroundCount(state)
  const open = plan?.steps.filter(({ status }) => status !== 'completed').length ?? 0
  const tabs: Tab[] = [
    { id: 'session', label: 'Session', render: () => <Facts state={state} onSelect={onSelect} /> },
    {
      id: 'changes',
      label: 'Changes',
      ...(diff && { count: diff.files.length }),
      render: () => <Changes snapshot={snapshot} state={state} onSelect={onSelect} />,
    },
    ...(reviewed
      ? [
          {
            id: 'review',
            label: 'Review',
            render: () => <Findings summary={summary} itemId={reviewed.id} onSelect={onSelect} />,
          },
        ]
      : []),
    ...(queue.entries.length > 0 || queue.hold
      ? [
          {
            id: 'queue',
            label: 'Queue',
            count: queue.entries.length,
            render: () => <QueueList summary={summary} queue={queue} />,
          },
        ]
      : []),
    ...(background > 0 || (chosen === 'background' && summary.capabilities.includes('terminal/list'))
      ? [
          {
            id: 'background',
            label: 'Background',
            count: background,
            render: () => <Terminals sessionId={summary.id} />,
          },
        ]
      : []),
    { id: 'tools', label: 'Tools', render: () => <Tools sessionId={summary.id} /> },
    ...(plan ? [{ id: 'plan', label: 'Plan', count: open, render: () => <Plan plan={plan} /> }] : []),
  ]
  const tab = tabs.find(({ id }) => id === chosen) ?? (tabs[0] as Tab)
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length]
    if (by === 0 || !next) return
    event.preventDefault()
    choose(next.id)
    list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus()
  }
  return (
    <aside className={isWide ? 'panel wide' : 'panel'} aria-label="Session details">
      <header>
        <div role="tablist" ref={list} aria-label="Details" onKeyDown={onKeyDown}>
          {tabs.map(({ id, label, count }) => (
            <button
              key={id}
              type="button"
              role="tab"
              id={`tab-${id}`}
              aria-selected={id === tab.id}
              aria-controls="panel-body"
              tabIndex={id === tab.id ? 0 : -1}
              onClick={() => choose(id)}
            >
              {label}
              {count !== undefined && count > 0 && <small>{count}</small>}
            </button>
          ))}
        </div>
        <button
          type="button"
          className="icon widen"
          aria-pressed={isWide}
          aria-label="Wide details"
          title={isWide ? 'Narrower' : 'Wider'}
          onClick={() => setWide(!isWide)}
        >
          <Icon name="wide" />
        </button>
        <button type="button" className="icon close" aria-label="Close details" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <div className="body" id="panel-body" role="tabpanel" aria-labelledby={`tab-${tab.id}`} tabIndex={0}>
        {tab.render()}
      </div>
    </aside>
  )
}
