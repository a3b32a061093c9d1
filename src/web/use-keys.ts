/** Single keys that act while nobody types and no dialog is open. */
import { useEffect } from 'react'

/** Whether keys are text for what has the focus. */
export function isTyping({ target }: Event): boolean {
  const fields = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]'
  return target instanceof HTMLElement && target.matches(fields)
}

/** Whether a key is meant for the page as a whole. */
function isForPage(event: KeyboardEvent): boolean {
  if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return false
  return !isTyping(event) && document.querySelector('dialog[open]') === null
}

export function useKeys(keys: Readonly<Record<string, (event: KeyboardEvent) => void>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const run = isForPage(event) ? keys[event.key] : undefined
      if (!run) return
      event.preventDefault()
      run(event)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
}
