/** Finds words in one conversation, also where it is not drawn: the browser's own search sees only what is on the screen. */
import { useRef, useState } from 'react'
import { Icon } from '../icons.tsx'
import { useBorrowedFocus } from '../use-borrowed-focus.ts'
import { Hits } from './hits.tsx'

interface Props {
  readonly sessionId: string
  readonly onSelect: (id: string, itemId?: string) => void
  readonly onClose: () => void
}

export function FindBar({ sessionId, onSelect, onClose }: Props) {
  const [query, setQuery] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useBorrowedFocus(() => field.current?.focus())
  return (
    <search
      className="find"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        onClose()
      }}
    >
      <div className="line">
        <input
          ref={field}
          type="search"
          aria-label="Find in this conversation"
          placeholder="Find in this conversation"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <button type="button" className="icon" aria-label="Close the search" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <Hits query={query} sessionId={sessionId} onSelect={onSelect} />
    </search>
  )
}
