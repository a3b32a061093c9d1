/**
 * What was begun and not sent, kept in this browser for each session. Each tab goes on with its own; a new one begins
 * with what was written last, wherever that was.
 */
import { useEffect, useState } from 'react'

export function useDraft(sessionId: string): [string, (text: string) => void] {
  const key = `codex-hub.draft.${sessionId}`
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? localStorage.getItem(key) ?? '')
  useEffect(() => {
    for (const storage of [sessionStorage, localStorage]) {
      if (text === '') storage.removeItem(key)
      else storage.setItem(key, text)
    }
  }, [key, text])
  return [text, setText]
}
