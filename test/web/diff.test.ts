/** Reading diffs: pure. */
import { expect, it } from 'vitest'
import { treeOf } from '../../src/web/diff/file-tree.ts'
import { parseDiff, splitRows } from '../../src/web/diff/parse-diff.ts'

const UNIFIED = `diff --git a/src/a.ts b/src/a.ts
index 1..2 100644
--- a/src/a.ts
+++ b/src/a.ts
@@ -10,4 +10,4 @@ export
 same
--- removed that looks like a head
-old
+++ added that looks like a head
+new
 end
\\ No newline at end of file
diff --git a/b.png b/b.png
new file mode 100644
Binary files /dev/null and b/b.png differ
`

it('[PAG77] a diff is read line by line: numbers of both sides, and lines that look like heads are lines', () => {
  const [a, b] = parseDiff(UNIFIED)
  expect(a).toEqual({
    path: 'src/a.ts',
    kind: 'changed',
    added: 2,
    removed: 2,
    hunks: [
      {
        header: '@@ -10,4 +10,4 @@ export',
        lines: [
          { kind: 'same', text: 'same', before: 10, after: 10 },
          { kind: 'removed', text: '-- removed that looks like a head', before: 11, after: null },
          { kind: 'removed', text: 'old', before: 12, after: null },
          { kind: 'added', text: '++ added that looks like a head', before: null, after: 11 },
          { kind: 'added', text: 'new', before: null, after: 12 },
          { kind: 'same', text: 'end', before: 13, after: 13 },
          { kind: 'note', text: '\\ No newline at end of file', before: null, after: null },
        ],
      },
    ],
  })
  expect(b).toEqual({ path: 'b.png', kind: 'binary', added: 0, removed: 0, hunks: [] })
})

it('[PAG77] side by side, what was added stands beside what was removed in its place', () => {
  const [file] = parseDiff('@@ -1,3 +1,4 @@\n one\n-two\n-three\n+2\n+3\n+4\n end\n', 'x')
  const rows = splitRows(file?.hunks[0]?.lines ?? [])
  expect(rows.map(({ left, right }) => [left?.text ?? null, right?.text ?? null])).toEqual([
    ['one', 'one'],
    ['two', '2'],
    ['three', '3'],
    [null, '4'],
    ['end', 'end'],
  ])
})

it('[PAG77] files stand in a tree; a folder with nothing but a folder is one line with it', () => {
  expect(treeOf(['src/web/deep/a.ts', 'README.md', 'src/web/deep/b.ts', 'src/x.ts'])).toEqual([
    { name: 'src', depth: 0, path: null },
    { name: 'web/deep', depth: 1, path: null },
    { name: 'a.ts', depth: 2, path: 'src/web/deep/a.ts' },
    { name: 'b.ts', depth: 2, path: 'src/web/deep/b.ts' },
    { name: 'x.ts', depth: 1, path: 'src/x.ts' },
    { name: 'README.md', depth: 0, path: 'README.md' },
  ])
})
