/** What is seen in the pictures: what the scripted model says and does in a small shop, and the project it is about. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Step } from '../src/demo/answer.ts'
import type { ModelRequest } from '../src/demo/model-request.ts'

const PATCH = `*** Begin Patch
*** Update File: src/cart.ts
@@
 export function total(cart: Cart): number {
-  let sum = 0
-  for (const line of cart.lines) sum += line.price * line.count
-  return sum
+  const cents = cart.lines.reduce((sum, line) => sum + toCents(line.price) * line.count, 0)
+  return cents / 100
 }
+
+/** Prices are decimal; sums of them as floats are not. */
+function toCents(price: number): number {
+  return Math.round(price * 100)
+}
*** Add File: test/cart.test.ts
+import { expect, it } from 'vitest'
+import { total } from '../src/cart.ts'
+
+it('adds prices to the cent', () => {
+  expect(total({ lines: [{ price: 0.1, count: 3 }] })).toBe(0.3)
+})
*** End Patch`

const CAUSE = `The total is **off by a cent** because prices are added up as floating-point numbers:

| price × count | expected | got |
|---|---|---|
| 0.1 × 3 | 0.3 | 0.30000000000000004 |

I count in whole cents instead:

\`\`\`ts
const cents = cart.lines.reduce((sum, line) => sum + toCents(line.price) * line.count, 0)
\`\`\`

`

const PLAN = `I read how addresses come in. This is what I would do:

<proposed_plan>
# Check addresses before they are stored

1. One schema for addresses in \`src/address.ts\`, used by the form and by the API
2. The form says which line is wrong, beside it
3. A migration marks the 214 stored addresses that do not pass; none is deleted
4. Tests for postcodes of the eight countries we ship to
</proposed_plan>
`

/** Ends the turn that runs in the pictures. */
export let finish: () => void = () => {}
const held = new Promise<void>((resolve) => {
  finish = resolve
})

/** As many as a session of some size would have. */
export const script = (request: ModelRequest): Step[] => [
  { inputTokens: 41_300 + 12_700 * request.toolOutputs.length },
  ...answer(request),
]

function answer({ lastUserText, toolOutputs }: ModelRequest): Step[] {
  const steps = toolOutputs.length
  const shell = (cmd: string, justification?: string) => ({
    call: 'exec_command',
    args: justification ? { cmd, sandbox_permissions: 'require_escalated', justification } : { cmd },
  })
  if (lastUserText.startsWith('Why is the cart')) {
    if (steps === 0)
      return [
        { think: '**Looking for where the total is made**' },
        { say: 'I will look at how the total is made.' },
        shell('grep -rn "total" src'),
      ]
    if (steps === 1) return [{ say: CAUSE }, { custom: 'apply_patch', input: PATCH }]
    return [
      { say: 'Both files are changed, and the new test covers the case you saw. Now I run the whole suite ' },
      { until: held },
    ]
  }
  if (lastUserText.startsWith('Release'))
    return [
      { say: 'The version is raised and the changelog is written. The tag has to be pushed.' },
      shell('git tag v2.4.0 && git push origin v2.4.0', 'Pushing a tag starts the release pipeline.'),
    ]
  if (lastUserText.startsWith('Which database'))
    return [
      {
        call: 'request_user_input',
        args: {
          questions: [
            {
              id: 'db',
              header: 'Database',
              question: 'Where shall the addresses be kept?',
              options: [
                { label: 'PostgreSQL', description: 'As the orders are.' },
                { label: 'SQLite', description: 'One file, no server.' },
              ],
            },
          ],
        },
      },
    ]
  if (lastUserText.startsWith('Plan')) return [{ say: PLAN }]
  if (lastUserText.startsWith('Upgrade')) return [{ fail: 'The model is overloaded.' }]
  return [{ say: `Done: ${lastUserText.toLowerCase()}` }]
}

export function makeProject(folder: string): string {
  mkdirSync(join(folder, 'src'), { recursive: true })
  writeFileSync(
    join(folder, 'src', 'cart.ts'),
    'export function total(cart: Cart): number {\n  let sum = 0\n  for (const line of cart.lines) sum += line.price * line.count\n  return sum\n}\n',
  )
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@localhost', ...args], { cwd: folder })
  git('init', '-q', '-b', 'main')
  git('add', '.')
  git('commit', '-qm', 'Start')
  return folder
}
