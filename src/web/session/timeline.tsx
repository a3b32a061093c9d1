/** The items of a session as a virtual list: follows its end unless the reader scrolled away, pages in what is older. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { SessionSnapshot } from '../../client/session-store.ts'
import type { Item } from '../../protocol/item.ts'
import type { Turn } from '../../protocol/turn.ts'
import type { Sending } from '../composer/outbox.ts'
import { useKeys } from '../use-keys.ts'
import { ItemView } from './item-view.tsx'

interface Props {
  readonly sessionId: string
  readonly snapshot: SessionSnapshot
  readonly loadOlder: () => Promise<void>
  /** An item to go to; another object is another wish, even for the same item. */
  readonly target: Target | null
  /** Prompts on their way. */
  readonly sendings: readonly Sending[]
}

export interface Target {
  readonly itemId: string
}

/** Nearer to the end than this is at the end. Pixels. */
const AT_END = 60
/** Nearer to the start than this older items are fetched, so that they are there before they are reached. */
const AT_START = 1_500

export function Timeline({ sessionId, snapshot, loadOlder, target, sendings }: Props) {
  const cwd = snapshot.state?.summary.cwd ?? ''
  const scroller = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(target === null)
  const items = useMemo(
    () => [...snapshot.older, ...(snapshot.state?.items ?? [])],
    [snapshot.older, snapshot.state?.items],
  )
  const approvals = snapshot.state?.approvals
  const asked = useMemo(
    () => new Set(approvals?.flatMap(({ state, itemId }) => (state === 'pending' ? [itemId] : []))),
    [approvals],
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
  // Who looks for an item does not follow the end meanwhile.
  useEffect(() => {
    if (target) setFollows(false)
  }, [target])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the end moves with what is added and with what grows
  useLayoutEffect(() => {
    const element = scroller.current
    if (follows && element) element.scrollTop = element.scrollHeight
  }, [follows, size, items, sendings])

  const followed = useRef(follows)
  followed.current = follows
  // The end moves, too, when what is below grows: a long prompt, an approval, a keyboard.
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const observer = new ResizeObserver(() => {
      if (followed.current) element.scrollTop = element.scrollHeight
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const first = items[0]
  const hasOlder = snapshot.hasOlder ?? (first !== undefined && first.seq > 0)
  const isGoing = useRef(false)
  /** The list finds its way by index: while it does, nothing may come before what it goes to. */
  const goTo = (index: number) => {
    setFollows(false)
    isGoing.current = true
    virtual.scrollToIndex(index, { align: 'start' })
    whenStill(scroller.current, () => {
      isGoing.current = false
    })
  }
  const search = useTarget(target, items, hasOlder, loadOlder, goTo)
  useKeys({
    '[': () => toPrompt(-1),
    ']': () => toPrompt(1),
    e: () => setFollows(true),
  })
  const toPrompt = (by: 1 | -1) => {
    const top = scroller.current?.scrollTop ?? 0
    const at = virtual.getVirtualItemForOffset(top)?.index ?? 0
    const start = virtual.getVirtualItems().find(({ index }) => index === at)?.start ?? top
    // One that is begun but scrolled into is the previous one.
    for (let index = by === -1 && start < top - 1 ? at : at + by; items[index]; index += by) {
      if (items[index]?.type !== 'userMessage') continue
      goTo(index)
      return
    }
  }
  const isLoading = useRef(false)
  const onScroll = () => {
    const element = scroller.current
    if (!element) return
    setFollows(element.scrollHeight - element.scrollTop - element.clientHeight < AT_END)
    if (element.scrollTop > AT_START || !hasOlder || isLoading.current || isGoing.current) return
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
        {hasOlder && (
          <p className="quiet">
            {search.isSearching ? 'Looking for the item…' : 'Earlier items load as you scroll up…'}
          </p>
        )}
        {search.isMissing && <p className="quiet">The item of this link is not there.</p>}
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
                className={item.id === search.found ? 'place found' : 'place'}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <ItemView item={item} sessionId={sessionId} cwd={cwd} isAsked={asked.has(item.id)} />
                {failure && <p className="problem turn-end">{failure}</p>}
              </div>
            )
          })}
        </div>
        <OnTheirWay sendings={sendings} items={items} />
        {items.length === 0 && sendings.length === 0 && <p className="quiet">Nothing was said yet.</p>}
      </section>
      {!follows && (
        <button type="button" className="to-end" onClick={() => setFollows(true)}>
          ↓ Newest
        </button>
      )}
    </div>
  )
}

/** Shown at once, until the session has them. */
function OnTheirWay({ sendings, items }: { sendings: readonly Sending[]; items: readonly Item[] }) {
  const open = sendings.filter(
    ({ state, commandId }) =>
      (state === 'sending' || state === 'sent') &&
      // Codex gives the id of the command back with the prompt.
      !items.some(({ type, body }) => type === 'userMessage' && body.clientId === commandId),
  )
  if (open.length === 0) return null
  return (
    <div className="sendings" aria-live="polite">
      {open.map(({ commandId, text, images }) => (
        <div key={commandId} className="item">
          <div className="prompt sending" title="On its way">
            {text || (images.length > 0 && '[image]')}
          </div>
        </div>
      ))}
    </div>
  )
}

/** Frames without a move after which a scrolling has ended, and after which nobody waits for that any more. */
const STILL_FRAMES = 5
const MOST_FRAMES = 120

function whenStill(element: HTMLElement | null, done: () => void): void {
  let [still, frames, last] = [0, 0, -1]
  const look = () => {
    const top = element?.scrollTop ?? 0
    still = top === last ? still + 1 : 0
    last = top
    frames += 1
    if (still >= STILL_FRAMES || frames >= MOST_FRAMES) done()
    else requestAnimationFrame(look)
  }
  look()
}

interface Search {
  /** The item that was gone to last. */
  readonly found: string | null
  readonly isSearching: boolean
  readonly isMissing: boolean
}

/** Go to an item once it is there; what is older is paged in until it is. */
function useTarget(
  target: Target | null,
  items: readonly Item[],
  hasOlder: boolean,
  loadOlder: () => Promise<void>,
  go: (index: number) => void,
): Search {
  const [done, setDone] = useState<{ of: Target; isMissing: boolean } | null>(null)
  const [pages, setPages] = useState(0)
  const isOpen = target !== null && done?.of !== target && items.length > 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: `go` and `loadOlder` are what they were
  useEffect(() => {
    if (!isOpen) return
    const index = items.findIndex(({ id }) => id === target.itemId)
    if (index === -1 && hasOlder)
      loadOlder().then(
        () => setPages((known) => known + 1),
        () => setDone({ of: target, isMissing: true }),
      )
    else {
      if (index !== -1) go(index)
      setDone({ of: target, isMissing: index === -1 })
    }
    // `pages` too: while a page arrives the next one cannot be asked for yet.
  }, [isOpen, target, items, hasOlder, pages])
  return {
    found: done !== null && !done.isMissing ? done.of.itemId : null,
    isSearching: isOpen,
    isMissing: done !== null && done.of === target && done.isMissing,
  }
}

function failuresOf(turns: readonly Turn[]): ReadonlyMap<string, string> {
  return new Map(
    turns.flatMap(({ id, status, error }) => {
      if (status === 'failed') return [[id, `Failed: ${error?.message ?? 'no reason was given'}`]]
      return status === 'interrupted' ? [[id, error?.message ?? 'Interrupted.']] : []
    }),
  )
}
