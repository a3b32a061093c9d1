/** The field a prompt is written in: grows with it, completes mentions, takes pictures by paste. */
import { type ClipboardEvent, type KeyboardEvent, type RefObject, useLayoutEffect, useState } from 'react'
import { SuggestionList, useSuggestions } from '../listbox.tsx'
import { complete, type Token, tokenAt } from './tokens.ts'
import { type Mention, type PromptPlace, useMentions } from './use-mentions.ts'

interface Props {
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly label: string
  readonly place: PromptPlace
  readonly value: string
  readonly placeholder: string
  readonly rows: number
  readonly onChange: (text: string) => void
  readonly onFiles: (files: Iterable<File>) => void
  /** A key that is none of the completion's. */
  readonly onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => void
  readonly isFirstFocus?: boolean
}

export function PromptField(props: Props) {
  const { field, label, place, value, placeholder, rows, onChange, onFiles, onKeyDown, isFirstFocus } = props
  const [token, setToken] = useState<Token | null>(null)
  const [caret, setCaret] = useState<number | null>(null)
  const mentions = useMentions(place, token)
  // The caret is where it belongs once the completed text is in the field.
  useLayoutEffect(() => {
    if (caret === null) return
    field.current?.setSelectionRange(caret, caret)
    setCaret(null)
  }, [caret, field])
  const take = (mention: Mention) => {
    if (token === null) return
    const next = complete(value, token, mention.text)
    onChange(next.text)
    setCaret(next.caret)
    setToken(null)
  }
  const suggestions = useSuggestions({
    options: mentions,
    isOpen: token !== null,
    takesFirst: true,
    onTake: take,
    onClose: () => setToken(null),
  })
  const look = (element: HTMLTextAreaElement) => {
    const isCaret = element.selectionStart === element.selectionEnd
    setToken(isCaret ? tokenAt(element.value, element.selectionStart) : null)
  }
  return (
    <div className="prompt-field">
      <textarea
        // Without suggestions it is a field of several lines, as any other.
        {...(suggestions.isOpen && suggestions.field)}
        ref={field}
        dir="auto"
        data-first-focus={isFirstFocus}
        rows={rows}
        aria-label={label}
        placeholder={placeholder}
        value={value}
        onChange={(event) => {
          onChange(event.target.value)
          look(event.target)
        }}
        onKeyDown={(event) => {
          if (!suggestions.onKeyDown(event)) onKeyDown(event)
        }}
        onClick={(event) => look(event.currentTarget)}
        onBlur={() => setToken(null)}
        onPaste={(event: ClipboardEvent) => {
          if (event.clipboardData.files.length === 0) return
          event.preventDefault()
          onFiles(event.clipboardData.files)
        }}
      />
      <SuggestionList
        suggestions={suggestions}
        label={token?.kind === 'skill' ? 'Skills' : 'Files'}
        onTake={take}
        keyOf={({ text }) => text}
      >
        {({ title, more }) => (
          <>
            <b>{title}</b> <small>{more}</small>
          </>
        )}
      </SuggestionList>
    </div>
  )
}
