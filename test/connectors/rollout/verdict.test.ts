import { expect, test } from 'vitest'
import { newParserState } from '../../../src/connectors/rollout/parser-state.ts'
import { Verdict } from '../../../src/connectors/rollout/verdict.ts'
import { ManualClock } from '../../harness/manual-clock.ts'
import { event, parseText } from './rollouts.ts'

const ENDED_MS = 1_000

test('[ROL39] who writes a rollout is asked only once it has not grown for as long as it takes to be over', async () => {
  const clock = new ManualClock()
  let asked = 0
  const verdict = new Verdict({
    codexHome: '/nowhere',
    clock,
    endedAfterMs: ENDED_MS,
    readLock: async () => {
      asked += 1
      return { state: 'free' }
    },
  })
  const parser = newParserState()
  parseText(event('task_started', { turn_id: 't1' }), parser)
  const thread = { threadId: 't', paths: ['/nowhere/r.jsonl'], isArchived: false, bytes: 1, modifiedAt: 0 }
  const seen = async () => [(await verdict.reach(parser, thread)).state, asked]
  expect(await seen()).toEqual(['working', 0])
  clock.advance(ENDED_MS - 1)
  expect(await seen()).toEqual(['working', 0])
  clock.advance(1)
  expect(await seen()).toEqual(['ended', 1])
})
