/** Reading and replacing named fields. Pure. */

/** Names come from outside: `constructor` is a field like any other, and nothing is inherited. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

/**
 * `base` with the fields of `patch`. A field given as `undefined` is no field: JSON drops it on the way to a client, so
 * the hub must pass over it too or the two drift apart.
 */
export function applyPatch<T extends object>(base: T, patch: Partial<T>): T {
  const next = { ...base }
  for (const key of Object.keys(patch) as (keyof T)[]) {
    const value = patch[key]
    if (value !== undefined) next[key] = value
  }
  return next
}
