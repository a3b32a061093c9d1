/**
 * A field with suggestions under or over it: the pattern of ARIA's combobox. The focus stays in the field; keys choose.
 * Whoever uses it draws the options.
 */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'

export interface Suggestions<T> {
  readonly options: readonly T[]
  /** Index of the option that a key would take; -1 for none. */
  readonly active: number
  readonly isOpen: boolean
  readonly listId: string
  point(index: number): void
  /** True where the key was meant for the list. */
  onKeyDown(event: KeyboardEvent): boolean
  /** Attributes of the field. */
  readonly field: {
    readonly role: 'combobox'
    readonly 'aria-expanded': boolean
    readonly 'aria-controls': string
    readonly 'aria-autocomplete': 'list'
    readonly 'aria-activedescendant': string | undefined
  }
}

interface Options<T> {
  readonly options: readonly T[]
  readonly isOpen: boolean
  /** Enter takes the first one although nobody pointed at it. */
  readonly takesFirst: boolean
  readonly onTake: (option: T) => void
  readonly onClose: () => void
}

export function useSuggestions<T>({
  options,
  isOpen,
  takesFirst,
  onTake,
  onClose,
}: Options<T>): Suggestions<T> {
  const listId = useId()
  const first = takesFirst ? 0 : -1
  const [pointed, setPointed] = useState<{ of: readonly T[]; index: number } | null>(null)
  const active = Math.min(options.length - 1, pointed?.of === options ? pointed.index : first)
  const isShown = isOpen && options.length > 0
  const point = (index: number) => setPointed({ of: options, index })
  return {
    options,
    active,
    isOpen: isShown,
    listId,
    point,
    onKeyDown(event) {
      if (!isShown || event.nativeEvent.isComposing) return false
      const option = options[active]
      if (event.key === 'ArrowDown') point((active + 1) % options.length)
      else if (event.key === 'ArrowUp') point((active <= 0 ? options.length : active) - 1)
      else if (event.key === 'Escape') onClose()
      else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey && option !== undefined)
        onTake(option)
      else return false
      event.preventDefault()
      // Neither the dialog nor the page is meant by it.
      event.stopPropagation()
      return true
    },
    field: {
      role: 'combobox',
      'aria-expanded': isShown,
      'aria-controls': listId,
      'aria-autocomplete': 'list',
      'aria-activedescendant': isShown && active >= 0 ? `${listId}-${active}` : undefined,
    },
  }
}

interface ListProps<T> {
  readonly suggestions: Suggestions<T>
  readonly label: string
  readonly onTake: (option: T) => void
  readonly keyOf: (option: T) => string
  readonly children: (option: T) => ReactNode
}

export function SuggestionList<T>({ suggestions, label, onTake, keyOf, children }: ListProps<T>) {
  const { options, active, isOpen, listId, point } = suggestions
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isOpen && active >= 0) list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [active, isOpen])
  return (
    <div ref={list} className="suggestions" id={listId} role="listbox" aria-label={label} hidden={!isOpen}>
      {isOpen &&
        options.map((option, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the field's
          <div
            key={keyOf(option)}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === active}
            // The field keeps the focus.
            onMouseDown={(event) => event.preventDefault()}
            onMouseMove={() => point(index)}
            onClick={() => onTake(option)}
          >
            {children(option)}
          </div>
        ))}
    </div>
  )
}
