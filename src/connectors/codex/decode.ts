/** Lenient readers for values that came from Codex: a field of another shape than expected reads as null (L18). */

export type Fields = Record<string, unknown>

export function asFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
}

export function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function asTexts(value: unknown): string[] {
  return asList(value).filter((entry): entry is string => typeof entry === 'string')
}

/** Codex gives some times in seconds and others in milliseconds, by field. */
export function secondsToMs(value: unknown): number | null {
  const seconds = asNumber(value)
  return seconds === null ? null : Math.round(seconds * 1000)
}
