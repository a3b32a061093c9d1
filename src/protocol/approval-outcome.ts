/** How an approval ended, in words for a person: who decided what, where it was answered, or why nobody has to any more. Pure. */
import type { Approval } from './approval.ts'

/** @param self id of the client that reads it, who is "you". @returns null while it waits */
export function outcomeWords(
  { choices, outcome }: Pick<Approval, 'choices' | 'outcome'>,
  self?: string,
): string | null {
  if (!outcome) return null
  const { choice, by, why } = outcome
  if (by === null)
    return why === null ? 'nobody has to answer any more' : `nobody has to answer any more: ${why}`
  if (choice === null) return 'answered in a terminal or in another client of Codex'
  const label = choices.find(({ id }) => id === choice)?.label ?? choice
  return `“${label}”, by ${by.clientId !== null && by.clientId === self ? 'you' : by.name}`
}

/** The one that ended last. */
export function lastEnded(approvals: readonly Approval[]): Approval | undefined {
  const ended = approvals.filter(({ outcome }) => outcome !== null)
  return ended.toSorted((a, b) => (a.outcome?.at ?? 0) - (b.outcome?.at ?? 0)).at(-1)
}
