/** What the account may still use, as Codex last told with this session. */
import { Meter } from './meter.tsx'

interface Window {
  readonly usedPercent: number
  readonly windowDurationMins: number | null
  /** Seconds since 1970. */
  readonly resetsAt: number | null
}

export function RateLimits({ limits }: { limits: Readonly<Record<string, unknown>> | null }) {
  const windows = [limits?.primary, limits?.secondary].flatMap((value) => readWindow(value) ?? [])
  if (windows.length === 0) return null
  return (
    <section>
      <h3>Rate limits</h3>
      {windows.map((window, index) => (
        <Meter
          // biome-ignore lint/suspicious/noArrayIndexKey: there are two, in this order
          key={index}
          label={nameOf(window.windowDurationMins)}
          percent={window.usedPercent}
          says={window.resetsAt === null ? '' : `begins anew ${when(window.resetsAt * 1_000)}`}
        />
      ))}
    </section>
  )
}

function readWindow(value: unknown): Window | null {
  if (typeof value !== 'object' || value === null) return null
  const { usedPercent, windowDurationMins, resetsAt } = value as Record<string, unknown>
  if (typeof usedPercent !== 'number') return null
  const number = (each: unknown) => (typeof each === 'number' ? each : null)
  return { usedPercent, windowDurationMins: number(windowDurationMins), resetsAt: number(resetsAt) }
}

function nameOf(minutes: number | null): string {
  if (minutes === null) return 'Limit'
  if (minutes >= 1_440) return `${Math.round(minutes / 1_440)} days`
  return minutes >= 60 ? `${Math.round(minutes / 60)} hours` : `${minutes} minutes`
}

function when(at: number): string {
  const date = new Date(at)
  const isToday = date.toDateString() === new Date().toDateString()
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return isToday ? `at ${time}` : `on ${date.toLocaleDateString()} at ${time}`
}
