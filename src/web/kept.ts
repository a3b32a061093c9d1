/** Small choices of a person, kept in this browser: a tab, a width, an order. Every tab reads them; each keeps its own until it is opened anew. */
import { useCallback, useState } from 'react'

export function useKept<T>(name: string, otherwise: T): [T, (value: T) => void] {
  const key = `codex-hub.${name}`
  const [value, setValue] = useState<T>(() => readKept(key, otherwise))
  const set = useCallback(
    (next: T) => {
      setValue(next)
      localStorage.setItem(key, JSON.stringify(next))
    },
    [key],
  )
  return [value, set]
}

function readKept<T>(key: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(key)
    return text === null ? otherwise : (JSON.parse(text) as T)
  } catch {
    return otherwise
  }
}
