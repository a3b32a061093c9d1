/** Rollouts made from recordings, as long and as many as somebody has who works much. */
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const RECORDINGS = join(import.meta.dirname, '../../test/fixtures/rollouts')
/** As many a day as somebody makes who makes many. */
const PER_DAY = 40
const DAY_MS = 24 * 3_600_000

export const ROLLOUT_VERSIONS = readdirSync(RECORDINGS).sort()

export const threadIdOf = (index: number): string =>
  `01a1fbca-0000-7000-8000-${index.toString(16).padStart(12, '0')}`

/** A recording as it would be in use: real instructions, outputs of some KB, the conversation over and over. */
export function longRollout(version: string, bytes: number, threadId: string): string {
  const folder = join(RECORDINGS, version)
  const [meta = '', ...lines] = readFileSync(join(folder, readdirSync(folder)[0] as string), 'utf8')
    .replaceAll(/"text":"\(instructions\)"/g, `"text":"${'Be helpful. '.repeat(400)}"`)
    .replaceAll('hello\\n', `${'some line of output\\n'.repeat(100)}`)
    .trimEnd()
    .split('\n')
  const id = /"id":"([0-9a-f-]{36})"/.exec(meta)?.[1] ?? ''
  // Ordinals would make every repetition after the first a copy.
  const body = `${lines.join('\n').replaceAll(/"ordinal":\d+,/g, '')}\n`.replaceAll(id, threadId)
  const head = `${meta.replaceAll(id, threadId)}\n`
  return head + body.repeat(Math.max(1, Math.round((bytes - head.length) / Buffer.byteLength(body))))
}

/** A home with so many rollouts of every version, the last one of today. @returns the path of each */
export function writeRollouts(
  codexHome: string,
  count: number,
  totalBytes: number,
  perDay = PER_DAY,
): string[] {
  const bodies = ROLLOUT_VERSIONS.map((version) => longRollout(version, totalBytes / count, 'THREAD'))
  const now = Date.now()
  return Array.from({ length: count }, (_, index) => {
    const at = now - Math.floor((count - 1 - index) / perDay) * DAY_MS
    const day = new Date(at).toISOString().slice(0, 10)
    const folder = join(codexHome, 'sessions', ...day.split('-'))
    mkdirSync(folder, { recursive: true })
    const path = join(folder, `rollout-${day}T03-04-05-${threadIdOf(index)}.jsonl`)
    writeFileSync(path, (bodies[index % bodies.length] as string).replaceAll('THREAD', threadIdOf(index)))
    // Long enough ago that nobody works in it.
    const changed = at / 1_000 - 3_600 + index / count
    utimesSync(path, changed, changed)
    return path
  })
}
