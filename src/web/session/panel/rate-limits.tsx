/** What the account may still use, as Codex last told with this session. */
import { Meter } from './meter.tsx'

export interface LimitWindow {
  readonly usedPercent: number
  readonly windowMs: number | null
  readonly resetsAt: number | null
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** `limits` is Codex's own `RateLimitSnapshot`. */
export function RateLimits({ limits }: { limits: Readonly<Record<string, unknown>> | null }) {
  const windows = [limits?.primary, limits?.secondary].flatMap((value) => readWindow(value) ?? [])
  if (windows.length === 0) return null
  return (
    <section>
      <h2>Rate limits</h2>
      {windows.map((window, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: there are two, in this order
        <LimitMeter key={index} {...window} />
      ))}
    </section>
  )
}

export function LimitMeter({ usedPercent, windowMs, resetsAt }: LimitWindow) {
  return (
    <Meter
      label={nameOf(windowMs)}
      percent={usedPercent}
      says={resetsAt === null ? '' : `begins anew ${when(resetsAt)}`}
    />
  )
}

function readWindow(value: unknown): LimitWindow | null {
  if (typeof value !== 'object' || value === null) return null
  const { usedPercent, windowDurationMins, resetsAt } = value as Record<string, unknown>
  if (typeof usedPercent !== 'number') return null
  return {
    usedPercent,
    windowMs: typeof windowDurationMins === 'number' ? windowDurationMins * MINUTE_MS : null,
    // Codex counts seconds.
    resetsAt: typeof resetsAt === 'number' ? resetsAt * 1_000 : null,
  }
}

function nameOf(ms: number | null): string {
  if (ms === null) return 'Limit'
  if (ms >= DAY_MS) return `${Math.round(ms / DAY_MS)} days`
  return ms >= HOUR_MS ? `${Math.round(ms / HOUR_MS)} hours` : `${Math.round(ms / MINUTE_MS)} minutes`
}

function when(at: number): string {
  const date = new Date(at)
  const isToday = date.toDateString() === new Date().toDateString()
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return isToday ? `at ${time}` : `on ${date.toLocaleDateString()} at ${time}`
}
