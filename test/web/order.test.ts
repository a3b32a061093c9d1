import { expect, it } from 'vitest'
import type { Summary } from '../../src/protocol/summary.ts'
import { type Group, orderOf } from '../../src/web/list/order.ts'
import { sessionOf } from '../harness/stored.ts'

let made = 0
function session(id: string, patch: Partial<Summary> = {}): Summary {
  made += 1
  const { summary } = sessionOf(id)
  return { ...summary, phase: 'idle', door: 'driven', updatedAt: -made, attention: null, ...patch }
}

const asks = (reason: 'approval' | 'question' | 'failed') => ({ attention: { reason, since: 0, count: 1 } })
const ids = (groups: readonly Group[]) =>
  groups.map(({ name, members }) => [name, members.map(({ id }) => id).join(' ')])

it('[PAG5] approvals come first, then questions and failures, then what is pinned, then projects by what goes on in them', () => {
  const sessions = [
    session('dormant', { cwd: '/a', door: 'dormant', phase: 'dormant' }),
    session('idle', { cwd: '/a' }),
    session('pinned', { cwd: '/a' }),
    session('working', { cwd: '/b', phase: 'working' }),
    session('failed', { cwd: '/a', ...asks('failed') }),
    session('question', { cwd: '/b', ...asks('question') }),
    session('approval', { cwd: '/a', ...asks('approval') }),
  ]
  const groups = orderOf(sessions, new Set(['pinned']), null, 9)
  expect(ids(groups)).toEqual([
    ['Needs you', 'approval question failed'],
    ['Pinned', 'pinned'],
    ['/b', 'working'],
    ['/a', 'idle dormant'],
  ])
  expect(ids(orderOf(sessions, new Set(['pinned']), null, 5))).toEqual([
    ['Needs you', 'approval question failed'],
    ['Pinned', 'pinned'],
    ['/b', 'working'],
  ])
})

it('[PAG109] what is held keeps its place and its group; what is new comes after it, what is gone leaves no hole', () => {
  const [one, two, three] = [
    session('1', { cwd: '/a' }),
    session('2', { cwd: '/a' }),
    session('3', { cwd: '/b' }),
  ]
  const before = orderOf([one, two, three], new Set(), null, 9)
  expect(ids(before)).toEqual([
    ['/a', '1 2'],
    ['/b', '3'],
  ])
  const now = [
    { ...two, updatedAt: 99, ...asks('approval') },
    { ...three, phase: 'working' as const },
    session('4', { cwd: '/a', phase: 'working' }),
    session('5', { cwd: '/c', ...asks('question') }),
  ]
  expect(ids(orderOf(now, new Set(), before, 9))).toEqual([
    ['/a', '2 4'],
    ['/b', '3'],
    ['Needs you', '5'],
  ])
  expect(ids(orderOf(now, new Set(), null, 9))[0]).toEqual(['Needs you', '2 5'])
})
