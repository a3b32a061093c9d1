/** A time as a person writes it on the command line. */
import { InvalidArgumentError } from 'commander'

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `18:30` (the next one), `+90m`, or a date and time as ISO 8601. @returns milliseconds since 1970 */
export function timeOf(text: string, _before?: unknown, now = Date.now()): number {
  const [, amount, unit] = /^\+(\d{1,5})([smhd])$/.exec(text) ?? []
  if (amount !== undefined && unit !== undefined) return now + Number(amount) * (UNITS_MS[unit] ?? 0)
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? []
  if (hour !== undefined && minute !== undefined && Number(hour) < 24 && Number(minute) < 60) {
    const time = new Date(now)
    time.setHours(Number(hour), Number(minute), 0, 0)
    if (time.getTime() <= now) time.setDate(time.getDate() + 1)
    return time.getTime()
  }
  const at = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) throw new InvalidArgumentError('18:30, +2h or 2026-12-24T18:00 is expected.')
  return at
}

/** A time for a person: the hour, and the day where it is another one. */
export function timeText(at: number, now = Date.now()): string {
  const time = new Date(at)
  const hour = time.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
  const isToday = time.toDateString() === new Date(now).toDateString()
  return isToday ? hour : `${time.toLocaleDateString()} ${hour}`
}
