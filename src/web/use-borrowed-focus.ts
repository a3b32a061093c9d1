/** What is opened by hand takes the focus, and gives it back when it goes, unless somebody went on elsewhere meanwhile. */
import { useEffect } from 'react'

/** @param take moves the focus into what was opened, once it is there */
export function useBorrowedFocus(take: () => void): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: taken once, when it is opened
  useEffect(() => {
    const before = document.activeElement
    take()
    return () => {
      // What had it inside is gone by now, and the browser has it nowhere.
      const isNowhere = document.activeElement === null || document.activeElement === document.body
      if (isNowhere && before instanceof HTMLElement) before.focus()
    }
  }, [])
}
