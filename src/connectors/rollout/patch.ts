/**
 * File changes, in the form app-servers report them: `{path, kind, diff}`, by path. Read from the patch text a model
 * wrote (the only source until 0.142, so hunks have no line numbers) or from the map Codex made of it (0.142 and later).
 */
import { isAbsolute, join } from 'node:path'
import { asFields, asText } from '../codex/decode.ts'

export interface FileChange {
  readonly path: string
  readonly kind: { readonly type: string; readonly move_path?: string | null }
  readonly diff: string
}

const FILE = /^\*\*\* (Add|Update|Delete) File: (.+)$/
const MOVE = /^\*\*\* Move to: (.+)$/

/** @returns an empty list when the text is no patch */
export function readPatchText(text: string, cwd: string | null): FileChange[] {
  const changes: { path: string; verb: string; movePath: string | null; lines: string[] }[] = []
  let current: (typeof changes)[number] | undefined
  for (const line of text.split('\n')) {
    const file = FILE.exec(line)
    const move = MOVE.exec(line)
    if (file) {
      current = { path: absolute(file[2] ?? '', cwd), verb: file[1] ?? '', movePath: null, lines: [] }
      changes.push(current)
    } else if (move && current) current.movePath = absolute(move[1] ?? '', cwd)
    else if (line.startsWith('*** End Patch')) current = undefined
    else if (!line.startsWith('*** ')) current?.lines.push(line)
  }
  return changes
    .map(({ path, verb, movePath, lines }) => {
      if (verb === 'Add') {
        const content = lines.map((line) => line.replace(/^\+/, '')).join('\n')
        return { path, kind: { type: 'add' }, diff: content === '' ? '' : `${content}\n` }
      }
      if (verb === 'Delete') return { path, kind: { type: 'delete' }, diff: '' }
      return updated(path, lines.map((line) => `${line}\n`).join(''), movePath)
    })
    .sort(byPath)
}

/** Codex's own record: path to `{type: add|delete, content}` or `{type: update, unified_diff, move_path}`. */
export function readChangeMap(value: unknown): FileChange[] {
  return Object.entries(asFields(value) ?? {})
    .map(([path, entry]) => {
      const change = asFields(entry) ?? {}
      const type = asText(change.type) ?? 'update'
      if (type !== 'update') return { path, kind: { type }, diff: asText(change.content) ?? '' }
      return updated(path, asText(change.unified_diff) ?? '', asText(change.move_path))
    })
    .sort(byPath)
}

function updated(path: string, diff: string, movePath: string | null): FileChange {
  return {
    path,
    kind: { type: 'update', move_path: movePath },
    diff: movePath === null ? diff : `${diff}\n\nMoved to: ${movePath}`,
  }
}

function byPath(a: FileChange, b: FileChange): number {
  return a.path < b.path ? -1 : 1
}

function absolute(path: string, cwd: string | null): string {
  return cwd === null || isAbsolute(path) ? path : join(cwd, path)
}

/** The patch in a command that is nothing but a call of `apply_patch`; Codex runs such a command itself. */
export function findPatch(command: readonly string[]): string | null {
  const [program, ...rest] = command
  if (program === 'apply_patch' || program === 'applypatch') return rest[0] ?? null
  const script = command.at(-1) ?? ''
  const match =
    /^\s*(?:cd \S+ && )?apply_?patch <<\s*['"]?(\w+)['"]?\n([\s\S]*?\*\*\* End Patch)\n\1\s*$/.exec(script)
  return match?.[2] ?? null
}
