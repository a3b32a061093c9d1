/** Rollouts for tests: the recordings, lines written by hand, and what a session makes of the events read from them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionEvent, SourceItem } from '../../../src/connectors/event.ts'
import { decodeLine } from '../../../src/connectors/rollout/line.ts'
import { parseLine } from '../../../src/connectors/rollout/parse.ts'
import { newParserState, type ParserState } from '../../../src/connectors/rollout/parser-state.ts'
import type { ReadState, RolloutReader } from '../../../src/connectors/rollout/reader.ts'

const RECORDINGS = join(import.meta.dirname, '../../fixtures/rollouts')
export const VERSIONS = readdirSync(RECORDINGS).sort(
  (a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]),
)

export function recordingPath(version: string): string {
  const folder = join(RECORDINGS, version)
  const [name] = readdirSync(folder)
  if (name === undefined) throw new Error(`No recording of ${version}`)
  return join(folder, name)
}

export function parseText(text: string, state: ParserState = newParserState()): SessionEvent[] {
  const events: SessionEvent[] = []
  for (const line of text.split('\n')) {
    if (line === '') continue
    const decoded = decodeLine(Buffer.from(line))
    if (decoded.kind === 'line') events.push(...parseLine(state, decoded.line))
  }
  return events
}

export function parseRecording(version: string): { events: SessionEvent[]; state: ParserState } {
  const state = newParserState()
  return { events: parseText(readFileSync(recordingPath(version), 'utf8'), state), state }
}

let second = 0
/** One line as Codex writes it. */
export function line(type: string, payload: object, ordinal?: number): string {
  second += 1
  const timestamp = new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString()
  return `${JSON.stringify({ timestamp, ...(ordinal === undefined ? {} : { ordinal }), type, payload })}\n`
}

export const event = (type: string, fields: object = {}, ordinal?: number): string =>
  line('event_msg', { type, ...fields }, ordinal)
export const response = (type: string, fields: object = {}, ordinal?: number): string =>
  line('response_item', { type, ...fields }, ordinal)
export const meta = (threadId: string, fields: object = {}, ordinal?: number): string =>
  line(
    'session_meta',
    { id: threadId, timestamp: '2026-01-01T00:00:00Z', cwd: '/project', ...fields },
    ordinal,
  )

/** Everything there is to read now. */
export async function readAll(
  reader: RolloutReader,
): Promise<{ events: SessionEvent[]; state: ReadState; restarted: boolean }> {
  const events: SessionEvent[] = []
  let restarted = false
  for (;;) {
    const batch = await reader.read()
    if (batch.restarted) {
      events.length = 0
      restarted = true
    }
    events.push(...batch.events)
    if (batch.atEnd) return { events, state: batch.state, restarted }
  }
}

/** The newest form of each item, in order of appearance. */
export function itemsOf(events: readonly SessionEvent[]): (SourceItem & { turnId: string })[] {
  const items = new Map<string, SourceItem & { turnId: string }>()
  for (const each of events)
    if (each.type === 'item') items.set(each.item.id, { ...each.item, turnId: each.turnId })
  return [...items.values()]
}
