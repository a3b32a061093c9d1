/** The rules of the gate, pure. */
import { expect, it } from 'vitest'
import type { Origin } from '../../src/protocol/agent.ts'
import {
  type Asker,
  depthOf,
  isGranted,
  isInside,
  isOverAsker,
  isOwn,
  isWider,
  widestSandbox,
} from '../../src/server/agents/gate.ts'
import { summaryOf } from '../harness/stored.ts'

/** `a` was made by a person; `b` by `a`, `c` by `b`; `x` by the program `claude` outside, `y` by `x`. */
const MADE: Record<string, Origin | undefined> = {
  a: undefined,
  b: { agent: 'codex', sessionId: 'a', depth: 1 },
  c: { agent: 'codex', sessionId: 'b', depth: 2 },
  x: { agent: 'claude', sessionId: null, depth: 1 },
  y: { agent: 'codex', sessionId: 'x', depth: 2 },
}
const asker = (agent: string, ...callers: string[]): Asker => ({
  agent,
  grants: [],
  callers,
  among: [],
  summaryOf: (id) => (id in MADE ? summaryOf(id, { createdBy: MADE[id] }) : null),
})
const all = Object.keys(MADE)
const which = (holds: (id: string) => boolean) => all.filter(holds)

it('[ISO10] who comes from a process that sessions share, and no thread tells apart, decides over none of them', () => {
  const unsure = { ...asker('codex'), among: ['a', 'c'] }
  expect(which((id) => isOverAsker(unsure, id))).toEqual(which((id) => ['a', 'b', 'c'].includes(id)))
})

it('[MCP7] own is what the calling session made, or what that made; outside, what was made under the name', () => {
  expect(which((id) => isOwn(asker('codex', 'a'), id))).toEqual(['b', 'c'])
  expect(which((id) => isOwn(asker('codex', 'b'), id))).toEqual(['c'])
  expect(which((id) => isOwn(asker('codex', 'c'), id))).toEqual([])
  expect(which((id) => isOwn(asker('claude'), id))).toEqual(['x', 'y'])
  expect(which((id) => isOwn(asker('codex'), id))).toEqual([])
})

it('[MCP14] a caller is under itself and everything that made it, and under any session it might be', () => {
  expect(which((id) => isOverAsker(asker('codex', 'c'), id))).toEqual(['a', 'b', 'c'])
  expect(which((id) => isOverAsker(asker('codex', 'y', 'b'), id))).toEqual(['a', 'b', 'x', 'y'])
  expect(which((id) => isOverAsker(asker('claude'), id))).toEqual([])
})

it('[MCP15] depth counts the agents between a person and what is made', () => {
  expect([asker('codex', 'a'), asker('codex', 'c'), asker('claude')].map(depthOf)).toEqual([1, 3, 1])
})

it('[MCP15] a sandbox nobody knows the width of passes on the narrowest', () => {
  const widthOf = (sandbox: string | null) =>
    widestSandbox({ settings: { ...summaryOf('s').settings, sandbox } })
  expect(['danger-full-access', 'workspace-write', 'custom', null].map(widthOf)).toEqual([
    'danger-full-access',
    'workspace-write',
    'read-only',
    'read-only',
  ])
  expect(isWider('workspace-write', 'read-only')).toBe(true)
  expect(isWider('read-only', 'read-only')).toBe(false)
})

it('[MCP8] a folder holds what is below it and nothing that only begins like it or leads out of it', () => {
  expect(['/w', '/w/a', '/w/../v', '/wx', '/w/..a', '/'].map((folder) => isInside(folder, '/w'))).toEqual([
    true,
    true,
    false,
    false,
    true,
    false,
  ])
  const target = { id: 's', cwd: '/w/a' }
  expect(isGranted([{ scope: 'operate', project: '/w', sessionId: 't' }], 'operate', target)).toBe(false)
  expect(isGranted([{ scope: 'operate', project: '/w' }], 'approve', target)).toBe(false)
  expect(isGranted([{ scope: 'operate', project: '/w' }], 'operate', target)).toBe(true)
})
