import { expect, it } from 'vitest'
import type { Approval } from '../../src/protocol/approval.ts'
import { lastEnded, outcomeWords } from '../../src/protocol/approval-outcome.ts'

const CHOICES: Approval['choices'] = [
  { id: 'accept', label: 'Allow once', effect: 'allow', scope: 'once', needs: null },
]
const words = (outcome: Partial<NonNullable<Approval['outcome']>> | null) =>
  outcomeWords(
    {
      choices: CHOICES,
      outcome: outcome && { choice: null, by: null, at: 0, waitedMs: 0, why: null, ...outcome },
    },
    'web-1',
  )

it('[PAG107] the end of an approval is told with who decided it, where it was answered, or why nobody has to', () => {
  expect(words(null)).toBeNull()
  expect(words({ choice: 'accept', by: { clientId: 'web-1', name: 'web page' } })).toBe(
    '“Allow once”, by you',
  )
  expect(words({ choice: 'accept', by: { clientId: 'web-2', name: 'phone' } })).toBe('“Allow once”, by phone')
  expect(words({ by: { clientId: null, name: 'another surface' } })).toBe(
    'answered in a terminal or in another client of Codex',
  )
  expect(words({ why: 'The turn ended.' })).toBe('nobody has to answer any more: The turn ended.')
})

it('[PAG107] of several it is the one that ended last', () => {
  const approval = (id: string, at: number | null) =>
    ({ id, outcome: at === null ? null : { at } }) as Approval
  expect(lastEnded([approval('a', 7), approval('b', 3), approval('c', null)])?.id).toBe('a')
  expect(lastEnded([approval('c', null)])).toBeUndefined()
})
