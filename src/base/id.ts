/** Ids the hub mints: a readable prefix and time-ordered randomness (UUIDv7 without dashes). */
import { randomBytes } from 'node:crypto'

/** For example `ses_019c3f…`: sorts by time of making. */
export function mintId(prefix: string, now: number): string {
  return `${prefix}_${now.toString(16).padStart(12, '0')}${randomBytes(8).toString('hex')}`
}
