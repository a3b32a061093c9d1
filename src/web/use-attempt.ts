/** Something that a person asked for: whether it is under way, and what went wrong in words. */
import { useState } from 'react'
import { says } from './hub.ts'

export interface Attempt {
  /** Also once it has succeeded: what asked for it goes then, and nobody asks twice until it has gone. */
  readonly isBusy: boolean
  readonly problem: string | null
  attempt(work: () => Promise<unknown>): Promise<void>
}

export function useAttempt(): Attempt {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  return {
    isBusy,
    problem,
    async attempt(work) {
      setBusy(true)
      setProblem(null)
      try {
        await work()
      } catch (error) {
        setProblem(says(error))
        setBusy(false)
      }
    },
  }
}
