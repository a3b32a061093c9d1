/** How a dialog that asks for something ends: what went wrong, the way out, and the one thing it does. */
import type { ReactNode } from 'react'
import { Problem } from './problem.tsx'

interface Props {
  readonly problem: string | null
  readonly onClose: () => void
  /** What the button says. */
  readonly label: string
  readonly canSubmit: boolean
  /** `deny`: what it does cannot be undone, and the focus begins on the way out. */
  readonly tone?: 'primary' | 'deny'
  /** Stands before the buttons. */
  readonly children?: ReactNode
}

export function DialogEnd({ problem, onClose, label, canSubmit, tone = 'primary', children }: Props) {
  return (
    <>
      <Problem says={problem} />
      <footer>
        {children}
        <button type="button" {...(tone === 'deny' && { 'data-first-focus': true })} onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className={tone} disabled={!canSubmit}>
          {label}
        </button>
      </footer>
    </>
  )
}
