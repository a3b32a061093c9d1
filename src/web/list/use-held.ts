/**
 * Whether the list stays as it is: while somebody moves over it, scrolls in it or walks through it by keys, and while
 * somebody types anywhere. A pointer that rests there holds nothing for long, or what needs a person would never be first.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import { isTyping } from '../use-keys.ts'

/** After the last move over it, and after the last letter. */
const READING_MS = 8_000
const TYPING_MS = 3_000

export interface Hold {
  readonly isHeld: boolean
  /** Attributes of the list. */
  readonly on: {
    onPointerMove(): void
    onPointerLeave(): void
    onScroll(): void
    onKeyDown(): void
  }
}

export function useHeld(): Hold {
  const [isHeld, setHeld] = useState(false)
  const until = useRef(0)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const wait = useCallback(() => {
    clearTimeout(timer.current)
    const left = until.current - performance.now()
    if (left <= 0) setHeld(false)
    else timer.current = setTimeout(wait, left)
  }, [])
  const hold = useCallback(
    (ms: number) => {
      const isFirst = until.current <= performance.now()
      until.current = Math.max(until.current, performance.now() + ms)
      if (!isFirst) return
      setHeld(true)
      wait()
    },
    [wait],
  )
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) hold(TYPING_MS)
    }
    addEventListener('keydown', onKey)
    return () => {
      removeEventListener('keydown', onKey)
      clearTimeout(timer.current)
    }
  }, [hold])
  const read = () => hold(READING_MS)
  return {
    isHeld,
    on: {
      onPointerMove: read,
      onScroll: read,
      onKeyDown: read,
      onPointerLeave() {
        until.current = 0
        wait()
      },
    },
  }
}
