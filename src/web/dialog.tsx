/** A modal dialog of the browser's own: focus stays in it, Escape closes it, focus goes back where it was. */
import { type ReactNode, useRef } from 'react'
import { Icon } from './icons.tsx'
import { useBorrowedFocus } from './use-borrowed-focus.ts'

const FIRST_FIELD = ':scope:not(:has([data-first-focus])) > :not(header) :is(button, input, select, textarea)'

export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string
  onClose: () => void
  children: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  useBorrowedFocus(() => {
    const element = dialog.current
    if (element && !element.open) element.showModal()
    // The browser goes to what comes first, which is the way out.
    element?.querySelector<HTMLElement>(`[data-first-focus], ${FIRST_FIELD}`)?.focus()
  })
  return (
    <dialog
      ref={dialog}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <header>
        <h2 id="dialog-title">{title}</h2>
        <button type="button" className="icon" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  )
}
