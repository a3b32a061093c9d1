/** The head of the list: what waits and what is new, the settings, and the way to a new session. */
import type { AttentionEntry } from '../protocol/attention.ts'
import { useReadable } from './hub.ts'
import { Icon } from './icons.tsx'
import { seenUntil, unseenOf } from './inbox/seen.ts'

interface Props {
  /** How many sessions wait for an answer. */
  readonly waiting: number
  readonly entries: readonly AttentionEntry[]
  readonly isInbox: boolean
  readonly onInbox: () => void
  readonly onSettings: () => void
  readonly onNew: () => void
}

export function SideHead({ waiting, entries, isInbox, onInbox, onSettings, onNew }: Props) {
  const unseen = unseenOf(entries, useReadable(seenUntil)).length
  const words = [waiting > 0 ? `${waiting} waiting` : '', unseen > 0 ? `${unseen} new` : ''].filter(Boolean)
  return (
    <header>
      <h1>codex-hub</h1>
      <button type="button" className="icon" aria-label="Settings" title="Settings (s)" onClick={onSettings}>
        <Icon name="gear" />
      </button>
      <button
        type="button"
        className={waiting > 0 ? 'bell waiting' : 'bell'}
        aria-label={['Inbox', ...words].join(', ')}
        aria-current={isInbox}
        title="Inbox (i)"
        onClick={onInbox}
      >
        <Icon name="bell" />
        {waiting > 0 && <span>{waiting} waiting</span>}
        {unseen > 0 && waiting === 0 && <small>{unseen}</small>}
      </button>
      <button type="button" className="primary" title="New session (n)" onClick={onNew}>
        New
      </button>
    </header>
  )
}
