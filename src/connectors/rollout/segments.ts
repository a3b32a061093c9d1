/**
 * The files a thread is read from, in order: what it was forked from up to where it left (0.169 copies nothing into a
 * fork), then its own, the later ones begun by reverts.
 */
import { readRolloutName } from './rollout-name.ts'

/** The past of another thread that a fork begins with. */
export interface Base {
  readonly threadId: string
  /** Its files, in any order. */
  readonly paths: readonly string[]
  /** The ordinal at which the fork left it. */
  readonly endOrdinal: number
}

export interface Segment {
  readonly path: string
  /** Names the segment among those of its thread, also when the file moved or was compressed. */
  readonly part: string
  /** Set in the past of another thread: its lines from `endOrdinal` on are not the fork's. */
  readonly base: { readonly threadId: string; readonly endOrdinal: number } | null
}

/** @param bases what the thread was forked from, the oldest first */
export function segmentsOf(bases: readonly Base[], paths: readonly string[]): readonly Segment[] {
  const own = inOrder(paths)
  const begun = own[0] === undefined ? '' : partOf(own[0])
  const past = bases.flatMap(({ threadId, endOrdinal, paths: files }) =>
    inOrder(files)
      // A file begun after the fork is a revert that the fork knows nothing of.
      .filter((path, index) => index === 0 || partOf(path) <= begun)
      .map((path) => ({ path, part: `${threadId}/${partOf(path)}`, base: { threadId, endOrdinal } })),
  )
  return [...past, ...own.map((path) => ({ path, part: partOf(path), base: null }))]
}

function partOf(path: string): string {
  return readRolloutName(path)?.part ?? path
}

function inOrder(paths: readonly string[]): readonly string[] {
  return [...paths].sort((a, b) => (partOf(a) < partOf(b) ? -1 : 1))
}
