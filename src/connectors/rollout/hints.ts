/**
 * Tells early that something in a few folders may have changed. Only ever a hint: it may come late, twice, or not at all,
 * and nothing is believed because of it. Without it everything is still found by the sweep.
 */
import { watch } from 'chokidar'

export interface Hints {
  /** Watch exactly these paths from now on: folders not deeper than themselves, or single files. */
  watch(paths: readonly string[]): void
  close(): Promise<void>
}

export interface HintListener {
  /** Something happened at or in this path. */
  changed(path: string): void
  /** No more hints can be expected (for example: the system's limit of watches is reached). */
  failed(error: Error): void
}

export type OpenHints = (listener: HintListener) => Hints

export const chokidarHints: OpenHints = (listener) => {
  let watched: readonly string[] = []
  // No `awaitWriteFinish`: it holds back a file for as long as it grows, and these grow all day.
  // What is there when watching begins is told too: between the last look and now it may have changed.
  const watcher = watch([], { depth: 0, ignoreInitial: false, followSymlinks: false })
  // Folders too: one that was missing when it was to be watched may just have been made.
  watcher.on('all', (_event, path) => listener.changed(path))
  watcher.on('error', (error) => listener.failed(error instanceof Error ? error : new Error(String(error))))
  return {
    watch(paths) {
      // A look that was under way when it was closed ends after that.
      if (watcher.closed) return
      const added = paths.filter((path) => !watched.includes(path))
      const removed = watched.filter((path) => !paths.includes(path))
      watched = [...paths]
      if (removed.length > 0) watcher.unwatch(removed)
      if (added.length > 0) watcher.add(added)
    },
    close: () => watcher.close(),
  }
}
