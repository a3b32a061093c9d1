/** Which rollout files belong to which thread, and what changed of a thread since it was last told. Pure bookkeeping. */
import type { RolloutFile } from './rollout-tree.ts'

/** A thread by its files, oldest first: more than one after a revert. */
export interface WatchedThread {
  readonly threadId: string
  readonly paths: readonly string[]
  readonly isArchived: boolean
  /** Of all its files, on disk. */
  readonly bytes: number
  /** Of its newest file, milliseconds since 1970. */
  readonly modifiedAt: number
}

/** Changes whenever something was written. Files that only moved, into the archive or back, say nothing new. */
export function stampOf({ paths, bytes, modifiedAt }: WatchedThread): string {
  return `${bytes} ${modifiedAt} ${paths.length}`
}

/** Whether something was written between two stamps. A new time alone is none: Codex sets it when a thread is brought back. */
export function isWritten(before: string, after: string): boolean {
  const content = (stamp: string) => stamp.replace(/ .* /, ' ')
  return content(before) !== content(after)
}

export type WatchEvent =
  | { readonly type: 'found'; readonly thread: WatchedThread }
  /** It has other bytes than before. */
  | { readonly type: 'changed'; readonly thread: WatchedThread }
  /** It has other files than before: archived or back, compressed or restored, reverted. Its bytes may differ too. */
  | { readonly type: 'moved'; readonly thread: WatchedThread }
  | { readonly type: 'removed'; readonly threadId: string }

export class ThreadFiles {
  readonly #byPath = new Map<string, RolloutFile>()
  readonly #byThread = new Map<string, Set<string>>()
  readonly #told = new Map<string, WatchedThread>()

  get threads(): ReadonlyMap<string, WatchedThread> {
    return this.#told
  }

  get(path: string): RolloutFile | undefined {
    return this.#byPath.get(path)
  }

  files(): Iterable<RolloutFile> {
    return this.#byPath.values()
  }

  put(file: RolloutFile): void {
    this.#byPath.set(file.path, file)
    const paths = this.#byThread.get(file.threadId)
    if (paths) paths.add(file.path)
    else this.#byThread.set(file.threadId, new Set([file.path]))
  }

  remove(file: RolloutFile): void {
    this.#byPath.delete(file.path)
    const paths = this.#byThread.get(file.threadId)
    paths?.delete(file.path)
    if (paths?.size === 0) this.#byThread.delete(file.threadId)
  }

  /** Whether another of these paths holds the same part of the thread. */
  hasTwin(file: RolloutFile, among: ReadonlySet<string>): boolean {
    for (const path of this.#byThread.get(file.threadId) ?? [])
      if (path !== file.path && among.has(path) && this.#byPath.get(path)?.part === file.part) return true
    return false
  }

  /** What is news of a thread; null when there is none. */
  news(threadId: string): WatchEvent | null {
    const before = this.#told.get(threadId)
    const thread = this.#view(threadId)
    if (!thread) {
      this.#told.delete(threadId)
      return before ? { type: 'removed', threadId } : null
    }
    this.#told.set(threadId, thread)
    if (!before) return { type: 'found', thread }
    if (before.paths.join('\n') !== thread.paths.join('\n')) return { type: 'moved', thread }
    const isSame = before.bytes === thread.bytes && before.modifiedAt === thread.modifiedAt
    return isSame ? null : { type: 'changed', thread }
  }

  #view(threadId: string): WatchedThread | null {
    const parts = new Map<string, RolloutFile>()
    for (const path of this.#byThread.get(threadId) ?? []) {
      const file = this.#byPath.get(path)
      if (!file) continue
      const other = parts.get(file.part)
      if (!other || isBetter(file, other)) parts.set(file.part, file)
    }
    const files = [...parts.values()].sort((a, b) => (a.part < b.part ? -1 : 1))
    if (files.length === 0) return null
    return {
      threadId,
      paths: files.map(({ path }) => path),
      isArchived: files.every(({ isArchived }) => isArchived),
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      modifiedAt: Math.max(...files.map(({ modifiedAt }) => modifiedAt)),
    }
  }
}

/** While a file is compressed or moved both may be there: the plain one is whole, then the one that is in use. */
function isBetter(file: RolloutFile, other: RolloutFile): boolean {
  const isPlain = !file.path.endsWith('.zst')
  if (isPlain !== !other.path.endsWith('.zst')) return isPlain
  return !file.isArchived && other.isArchived
}
