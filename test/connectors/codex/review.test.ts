/** The words of Codex's reviews as rows, and its notifications as one turn. */
import { expect, it } from 'vitest'
import {
  readReviewOutput,
  readReviewText,
  reviewText,
} from '../../../src/connectors/codex/review-findings.ts'
import { ReviewMode } from '../../../src/connectors/codex/review-mode.ts'

const OUTPUT = {
  findings: [
    {
      title: '[P1] Do not — ever — add two',
      body: 'It breaks.\n\n- a list\n  deeper',
      confidence_score: 0.9,
      priority: 1,
      code_location: { absolute_file_path: '/w/a b.txt', line_range: { start: 2, end: 4 } },
    },
    {
      title: 'Name it',
      body: '',
      confidence_score: 0.4,
      code_location: { absolute_file_path: '/w/c.txt', line_range: { start: 1, end: 1 } },
    },
  ],
  overall_correctness: 'patch is incorrect',
  overall_explanation: 'It breaks things.',
}
const ROWS = [
  {
    id: 'f1',
    title: 'Do not — ever — add two',
    text: 'It breaks.\n\n- a list\n  deeper',
    priority: 1,
    confidence: 0.9,
    file: '/w/a b.txt',
    startLine: 2,
    endLine: 4,
  },
  {
    id: 'f2',
    title: 'Name it',
    text: '',
    priority: null,
    confidence: 0.4,
    file: '/w/c.txt',
    startLine: 1,
    endLine: 1,
  },
]

it('[RVW2] the structured output and the words made of it give the same rows; the words lack the confidence', () => {
  expect(readReviewOutput(OUTPUT)).toEqual({
    explanation: 'It breaks things.',
    correctness: 'patch is incorrect',
    findings: ROWS,
  })
  expect(readReviewText(reviewText(OUTPUT))).toEqual({
    explanation: 'It breaks things.',
    correctness: null,
    findings: ROWS.map((row) => ({ ...row, confidence: null })),
  })
})

it('[RVW2] what is no structured review stays text', () => {
  const plain = { explanation: 'All fine.\n\n- really', correctness: null, findings: [] }
  expect(readReviewText('All fine.\n\n- really')).toEqual(plain)
  expect([readReviewOutput('no'), readReviewOutput({ findings: 'many' }), readReviewText('')]).toEqual([
    null,
    null,
    { explanation: '', correctness: null, findings: [] },
  ])
  expect(readReviewText('Review comment:\n\n- No place here')).toMatchObject({
    findings: [{ id: 'f1', title: 'No place here', file: null, startLine: null }],
  })
})

it('[RVW1] outside of a review every notification stays itself', () => {
  const mode = new ReviewMode('t')
  const turn = { threadId: 't', turn: { id: 'a', status: 'inProgress' } }
  const item = { threadId: 't', turnId: 'a', item: { type: 'agentMessage', id: 'm', text: '' } }
  expect([
    mode.replace('turn/started', turn),
    mode.replace('item/started', item),
    mode.replace('item/agentMessage/delta', { threadId: 't', turnId: 'a', itemId: 'm', delta: 'x' }),
    mode.replace('turn/completed', turn),
    mode.activeTurnId('a'),
  ]).toEqual([null, null, null, null, 'a'])
})

it('[RVW1] up to 0.142 the items of a review get ids of their own', () => {
  const mode = new ReviewMode('t')
  const item = (type: string, id: string) => ({ threadId: 't', turnId: 'x', item: { type, id } })
  const entered = item('enteredReviewMode', 'x')
  expect(mode.replace('item/started', entered)).toEqual([
    { method: 'turn/started', params: { threadId: 't', turn: { id: 'x', status: 'inProgress' } } },
    { method: 'item/started', params: entered },
  ])
  expect(mode.replace('item/completed', item('exitedReviewMode', 'x'))).toEqual([
    { method: 'item/completed', params: item('exitedReviewMode', 'x:exited') },
  ])
  expect(mode.replace('item/completed', item('agentMessage', 'review_rollout_assistant'))).toEqual([
    { method: 'item/completed', params: item('agentMessage', 'x:review') },
  ])
})
