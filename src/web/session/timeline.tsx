/** The items of a session as a virtual list: follows its end unless the reader scrolled away, pages in what is older. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { SessionSnapshot } from '../../client/session-store.ts'
import type { Turn } from '../../protocol/turn.ts'
import { ItemView } from './item-view.tsx'

interface Props {
  readonly sessionId: string
  readonly snapshot: SessionSnapshot
  readonly loadOlder: () => Promise<void>
}

/** Nearer to the end than this is at the end. Pixels. */
const AT_END = 60
/** Nearer to the start than this older items are fetched, so that they are there before they are reached. */
const AT_START = 1_500

export function Timeline({ sessionId, snapshot, loadOlder }: Props) {
  const cwd = snapshot.state?.summary.cwd ?? ''
  const scroller = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(true)
  const items = useMemo(
    () => [...snapshot.older, ...(snapshot.state?.items ?? [])],
    [snapshot.older, snapshot.state?.items],
  )
  const failures = useMemo(() => failuresOf(snapshot.state?.turns ?? []), [snapshot.state?.turns])
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 90,
    getItemKey: (index) => items[index]?.id ?? index,
    overscan: 8,
    // What is on the screen keeps its place when older items come before it.
    anchorTo: 'end',
  })
  const size = virtual.getTotalSize()

  // biome-ignore lint/correctness/useExhaustiveDependencies: the end moves with what is added and with what grows
  useLayoutEffect(() => {
    const element = scroller.current
    if (follows && element) element.scrollTop = element.scrollHeight
  }, [follows, size, items])

  const first = items[0]
  const hasOlder = snapshot.hasOlder ?? (first !== undefined && first.seq > 0)
  const isLoading = useRef(false)
  const onScroll = () => {
    const element = scroller.current
    if (!element) return
    setFollows(element.scrollHeight - element.scrollTop - element.clientHeight < AT_END)
    if (element.scrollTop > AT_START || !hasOlder || isLoading.current) return
    isLoading.current = true
    loadOlder()
      // What failed is tried again by the next scrolling.
      .catch(() => {})
      .finally(() => {
        isLoading.current = false
      })
  }

  return (
    <div className="timeline-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className="timeline" ref={scroller} onScroll={onScroll} tabIndex={0} aria-label="Conversation">
        {hasOlder && <p className="quiet">Earlier items load as you scroll up…</p>}
        <div className="virtual" style={{ height: size }}>
          {virtual.getVirtualItems().map((row) => {
            const item = items[row.index]
            if (!item) return null
            const failure =
              items[row.index + 1]?.turnId === item.turnId ? undefined : failures.get(item.turnId)
            return (
              <div
                key={row.key}
                data-index={row.index}
                ref={virtual.measureElement}
                className="place"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <ItemView item={item} sessionId={sessionId} cwd={cwd} />
                {failure && <p className="problem turn-end">{failure}</p>}
              </div>
            )
          })}
        </div>
        {items.length === 0 && <p className="quiet">Nothing was said yet.</p>}
      </section>
      {!follows && (
        <button type="button" className="to-end" onClick={() => setFollows(true)}>
          ↓ Newest
        </button>
      )}
    </div>
  )
}

function failuresOf(turns: readonly Turn[]): ReadonlyMap<string, string> {
  return new Map(
    turns.flatMap(({ id, status, error }) => {
      if (status === 'failed') return [[id, `Failed: ${error?.message ?? 'no reason was given'}`]]
      return status === 'interrupted' ? [[id, error?.message ?? 'Interrupted.']] : []
    }),
  )
}
