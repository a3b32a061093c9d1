/** What a browser tells of itself: its trace, and what can be read from one. */
import type { Browser, Page } from 'playwright-core'

const CATEGORIES = [
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
  'loading',
  'blink.user_timing',
  'toplevel',
]

export interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly ts: number
  readonly dur?: number
  /** Of it on the processor: what others on the machine took meanwhile is not in it. */
  readonly tdur?: number
  readonly pid: number
  readonly tid: number
  readonly id2?: { readonly local?: string }
  readonly args: Record<string, unknown>
}

export async function traced(browser: Browser, page: Page, run: () => Promise<void>): Promise<TraceEvent[]> {
  await browser.startTracing(page, { categories: CATEGORIES })
  await run()
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  return trace.traceEvents
}

/** Frames that reached the screen, by their end in milliseconds, and those that were due and did not. */
export function framesOf(events: readonly TraceEvent[]): { presentedAt: number[]; dropped: number } {
  const open = new Map<string, string>()
  const presentedAt: number[] = []
  let dropped = 0
  const reports = events.filter(({ name }) => name === 'PipelineReporter').toSorted((a, b) => a.ts - b.ts)
  for (const { ph, pid, id2, args, ts } of reports) {
    const key = `${pid}:${id2?.local}`
    if (ph === 'b') {
      const { state = '' } = (args as { frame_reporter?: { state?: string } }).frame_reporter ?? {}
      open.set(key, state)
      if (state === 'STATE_DROPPED') dropped += 1
    } else if (open.get(key)?.startsWith('STATE_PRESENTED')) presentedAt.push(ts / 1_000)
  }
  // One picture may be made of the work of two frames.
  const distinct = presentedAt
    .sort((a, b) => a - b)
    .filter((end, index, all) => end - (all[index - 1] ?? 0) > 2)
  return { presentedAt: distinct, dropped }
}

/** Of the page: the renderer's main thread with the most to do. */
export function mainThread(events: readonly TraceEvent[]): TraceEvent | undefined {
  const busy = (thread: TraceEvent): number =>
    events.reduce(
      (sum, { pid, tid, dur = 0 }) => (pid === thread.pid && tid === thread.tid ? sum + dur : sum),
      0,
    )
  return events
    .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
    .toSorted((a, b) => busy(b) - busy(a))[0]
}
