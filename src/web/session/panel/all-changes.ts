/**
 * Every patch of a session, oldest first, with the item it came in. What is shown is taken along; the rest is read page
 * by page once somebody asks, to a bound. Nothing of it is a sum of files on disk: it is what the agent wrote.
 */
import { useEffect, useMemo, useState } from 'react'
import type { HubClient } from '../../../client/client.ts'
import type { SessionSnapshot } from '../../../client/session-store.ts'
import type { Item } from '../../../protocol/item.ts'
import { type FileDiff, parseDiff } from '../../diff/parse-diff.ts'
import { pathWithin } from '../../format.ts'
import { says, useHub } from '../../hub.ts'
import { changesOf, type FileChange } from '../changes.ts'

/** Items asked for at once, and at most this many pages. */
const PAGE = 500
const MOST_PAGES = 40

export interface Patch {
  readonly itemId: string
  readonly file: FileDiff
}

export interface AllChanges {
  /** By file, in the order of first change. */
  readonly files: ReadonlyMap<string, readonly Patch[]>
  readonly isReading: boolean
  readonly isPart: boolean
  readonly problem: string | null
}

export function useAllChanges(sessionId: string, cwd: string, snapshot: SessionSnapshot): AllChanges {
  const hub = useHub()
  const [before, setBefore] = useState<readonly Item[]>([])
  const [end, setEnd] = useState<{ isReading: boolean; isPart: boolean; problem: string | null }>({
    isReading: true,
    isPart: false,
    problem: null,
  })
  const { older, state } = snapshot
  const first = older[0] ?? state?.items[0]
  // biome-ignore lint/correctness/useExhaustiveDependencies: read once; what comes later is in the snapshot
  useEffect(() => {
    let isGone = false
    const reading = first === undefined ? Promise.resolve(false) : readBefore(hub, sessionId, first.seq, add)
    function add(items: readonly Item[]): boolean {
      if (!isGone) setBefore((known) => [...items, ...known])
      return !isGone
    }
    reading.then(
      (isPart) => !isGone && setEnd({ isReading: false, isPart, problem: null }),
      (error) => !isGone && setEnd({ isReading: false, isPart: true, problem: says(error) }),
    )
    return () => {
      isGone = true
      setBefore([])
    }
  }, [hub, sessionId])
  const files = useMemo(() => {
    const known = new Set<string>()
    const byFile = new Map<string, Patch[]>()
    for (const item of [...before, ...older, ...(state?.items ?? [])]) {
      if (item.type !== 'fileChange' || item.status !== 'completed' || known.has(item.id)) continue
      known.add(item.id)
      for (const patch of patchesOf(item, cwd)) {
        const patches = byFile.get(patch.file.path)
        if (patches) patches.push(patch)
        else byFile.set(patch.file.path, [patch])
      }
    }
    return byFile
  }, [before, older, state?.items, cwd])
  return { files, ...end }
}

/** Items do not change once they are completed: each is read once. */
const read = new WeakMap<Item, readonly Patch[]>()

function patchesOf(item: Item, cwd: string): readonly Patch[] {
  const known = read.get(item)
  if (known) return known
  // As Codex sent it, which may be another shape in a release that is not out yet.
  const isKnown = ({ path, unified }: FileChange) => typeof path === 'string' && typeof unified === 'string'
  const patches = changesOf(item.body)
    .filter(isKnown)
    .flatMap(({ path, unified }) =>
      parseDiff(unified, pathWithin(cwd, path)).map((file) => ({ itemId: item.id, file })),
    )
  read.set(item, patches)
  return patches
}

/** @returns whether something is left unread */
async function readBefore(
  hub: HubClient,
  sessionId: string,
  seq: number,
  add: (items: readonly Item[]) => boolean,
): Promise<boolean> {
  let beforeSeq = seq
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, nextPageToken } = await hub.request('session/items', { sessionId, beforeSeq, limit: PAGE })
    const ordered = items.toSorted((a, b) => a.seq - b.seq)
    if (!add(ordered.filter(({ type }) => type === 'fileChange'))) return true
    const oldest = ordered[0]
    if (nextPageToken === null || oldest === undefined) return false
    beforeSeq = oldest.seq
  }
  return true
}
