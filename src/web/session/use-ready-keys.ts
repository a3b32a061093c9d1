/** Keys that answer count only once what they answer has been on the screen for a moment: nobody meant it before. */
import { useEffect, useState } from 'react'

const KEYS_AFTER_MS = 300

export function useReadyKeys(hasKeys: boolean): boolean {
  const [isReady, setReady] = useState(false)
  useEffect(() => {
    if (!hasKeys) return
    const timer = setTimeout(() => setReady(true), KEYS_AFTER_MS)
    return () => {
      clearTimeout(timer)
      setReady(false)
    }
  }, [hasKeys])
  return isReady
}
