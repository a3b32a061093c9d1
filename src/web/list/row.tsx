/** One session of the list, and how it is in a colour and in words. */

import { memo } from 'react'
import { ago } from '../../base/ago.ts'
import type { Summary } from '../../protocol/summary.ts'
import { count } from '../format.ts'
import { Icon } from '../icons.tsx'
import { isWorking } from './order.ts'
import { togglePin } from './pins.ts'

interface RowProps {
  readonly session: Summary
  /** Since it changed, and how it is: in words, so that only those that change are drawn anew. */
  readonly age: string
  readonly says: string
  readonly isChild: boolean
  readonly isSelected: boolean
  readonly isPinned: boolean
  readonly onSelect: (id: string) => void
}

export const Row = memo(function Row({
  session,
  age,
  says,
  isChild,
  isSelected,
  isPinned,
  onSelect,
}: RowProps) {
  const { id, title, phase, updatedAt } = session
  const badges = badgesOf(session)
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
        <span className="title" title={title} dir="auto">
          {title}
        </span>
        <span className="age" title={new Date(updatedAt).toLocaleString()}>
          {age}
        </span>
        <span className="sub" title={[says, ...badges.map(({ text }) => text)].join(' · ')}>
          <span className="word">{says}</span>
          {badges.map(({ text, tone }) => (
            <span key={`${tone} ${text}`} className={tone}>
              {text}
            </span>
          ))}
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

interface Badge {
  readonly text: string
  readonly tone: string
}

/** By importance: of a narrow row the last ones are left out first. */
function badgesOf({ door, git, settings, unread, queue, tokens }: Summary): readonly Badge[] {
  const waiting = queue && queue.entries > 0 ? `${queue.entries} ${queue.isHeld ? 'held' : 'queued'}` : ''
  const badges: readonly Badge[] = [
    { text: unread > 0 ? `${unread} new` : '', tone: 'badge strong' },
    { text: waiting, tone: queue?.isHeld ? 'badge strong' : 'badge' },
    { text: door === 'dormant' ? '' : door, tone: 'badge' },
    { text: settings.model ?? '', tone: 'badge' },
    { text: git?.branch ?? '', tone: 'badge branch' },
    { text: tokens ? `${count(tokens.total.totalTokens)} tokens` : '', tone: 'badge' },
  ]
  return badges.filter(({ text }) => text !== '')
}

export function toneOf({ attention, phase }: Summary): string {
  if (attention?.reason === 'approval' || attention?.reason === 'question') return 'waiting'
  if (attention?.reason === 'failed' || phase === 'failed') return 'failed'
  if (isWorking(phase)) return 'working'
  return attention?.reason === 'finished' ? 'finished' : 'resting'
}

export function stateOf({ attention, phase, note }: Summary, now = Date.now()): string {
  if (attention?.reason === 'approval') return `needs approval · ${ago(attention.since, now)}`
  if (attention?.reason === 'question') return `asks you · ${ago(attention.since, now)}`
  if (attention?.reason === 'failed') return 'failed'
  if (note !== null) return note
  return attention?.reason === 'finished' && phase !== 'working' ? 'finished' : phase
}
