/** Paths as a tree of folders; a folder with nothing but one folder in it is one line with that. Pure. */

export interface TreeLine {
  /** Of folders: the part shown. Of files: the name. */
  readonly name: string
  readonly depth: number
  /** The whole path of a file; null for a folder. */
  readonly path: string | null
}

interface Folder {
  readonly folders: Map<string, Folder>
  readonly files: { readonly name: string; readonly path: string }[]
}

/** @returns the lines of the tree as they are read, folders before files */
export function treeOf(paths: readonly string[]): TreeLine[] {
  const root: Folder = { folders: new Map(), files: [] }
  for (const path of paths) {
    const parts = path.split('/')
    const name = parts.pop() ?? path
    let folder = root
    for (const part of parts) {
      const next = folder.folders.get(part) ?? { folders: new Map(), files: [] }
      folder.folders.set(part, next)
      folder = next
    }
    folder.files.push({ name, path })
  }
  return linesOf(root, 0)
}

function linesOf(folder: Folder, depth: number): TreeLine[] {
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)
  const folders = [...folder.folders].map(([name, inner]) => ({ name, inner })).toSorted(byName)
  return [
    ...folders.flatMap(({ name, inner }) => {
      let [shown, at] = [name, inner]
      while (at.files.length === 0 && at.folders.size === 1) {
        const [[next, below]] = [...at.folders] as [[string, Folder]]
        shown = `${shown}/${next}`
        at = below
      }
      return [{ name: shown, depth, path: null }, ...linesOf(at, depth + 1)]
    }),
    ...folder.files.toSorted(byName).map(({ name, path }) => ({ name, depth, path })),
  ]
}
