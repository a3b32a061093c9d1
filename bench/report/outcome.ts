/** What a bench has found out: figures, each beside its baseline from the same run, and what was aimed at. */

/** One thing that was measured, once per round. */
export interface Figure {
  readonly what: string
  /** `ms`, `s`, `MB` …; stands behind every number. */
  readonly unit: string
  readonly hub: readonly number[]
  /** The same of what the hub is compared with, in the same rounds. */
  readonly baseline?: readonly number[]
}

export interface Aim {
  /** What was wanted, with its number. */
  readonly wants: string
  /** What came out, with its number. */
  readonly got: string
  readonly isMet: boolean
  /** Where it is not met: what holds it back, as far as a profile tells. */
  readonly otherwise?: string
}

export interface Outcome {
  readonly figures: readonly Figure[]
  readonly aims: readonly Aim[]
  /** Whatever a reader needs to know of this run. */
  readonly notes?: readonly string[]
}

/** An aim for a number that must not be larger than its limit. */
export function atMost(wants: string, value: number, limit: number, unit: string, otherwise?: string): Aim {
  const got = `${round(value)} ${unit}`.trim()
  return { wants, got, isMet: value <= limit, ...(otherwise === undefined ? {} : { otherwise }) }
}

/** An aim for a number that must not be smaller than its limit. */
export function atLeast(wants: string, value: number, limit: number, unit: string, otherwise?: string): Aim {
  const got = `${round(value)} ${unit}`.trim()
  return { wants, got, isMet: value >= limit, ...(otherwise === undefined ? {} : { otherwise }) }
}

/** Three digits that count, and no more. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return value === 0 ? '0' : String(Number(value.toPrecision(3)))
}
