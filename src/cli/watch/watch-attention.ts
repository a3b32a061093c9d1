/** Follows what asks for a person, in all sessions: a line when it begins to, and one when it is over. */
import type { HubClient } from '../../client/client.ts'
import type { AttentionEntry, AttentionKind } from '../../protocol/attention.ts'
import { shortId } from '../find-session.ts'
import { oneLine, paint } from '../text.ts'

export interface AttentionWatch {
  readonly json: boolean
  write(text: string): void
  /** Takes the sequence that has the terminal show a notification; apart from `write`, which may be a program's input. */
  notify?(sequence: string): void
}

const MARKS: Readonly<Record<AttentionKind, string>> = {
  approval: '?',
  question: '?',
  finished: '✓',
  failed: '✗',
  stalled: '…',
  rateLimited: '✗',
  login: '✗',
}
const WORDS: Readonly<Record<AttentionKind, string>> = {
  approval: 'waits for approval',
  question: 'asks',
  finished: 'finished',
  failed: 'failed',
  stalled: 'is silent',
  rateLimited: 'has no more to spend',
  login: 'needs a login',
}
const TEXT_UNITS = 160

/** Resolves when the person has seen enough. */
export async function watchAttention(hub: HubClient, watch: AttentionWatch): Promise<void> {
  const attention = hub.attention()
  const told = new Map<string, AttentionEntry>()
  let isFirst = true
  const look = (): void => {
    const { state, status } = attention.getSnapshot()
    if (!state || status === 'loading') return
    for (const entry of state.entries.values()) {
      const known = told.get(entry.key)
      told.set(entry.key, entry)
      // What was over before anybody looked is no news.
      if (isFirst && entry.clearedAt !== null) continue
      if (known?.clearedAt === entry.clearedAt) continue
      if (watch.json) watch.write(`${JSON.stringify(entry)}\n`)
      else watch.write(`${lineOf(entry)}\n`)
      if (!isFirst && entry.clearedAt === null) watch.notify?.(notification(entry))
    }
    if (isFirst && !watch.json && [...told.values()].every(({ clearedAt }) => clearedAt !== null))
      watch.write(`${paint('dim', 'Nothing asks for you. Waiting; Ctrl-C to leave.')}\n`)
    isFirst = false
  }
  const stop = attention.subscribe(look)
  try {
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve())
      look()
    })
  } finally {
    stop()
    attention.release()
  }
}

function wordsOf({ kind, isInterrupted }: AttentionEntry): string {
  return isInterrupted ? 'was stopped' : WORDS[kind]
}

function lineOf(entry: AttentionEntry): string {
  const { kind, sessionId, title, text, clearedAt, raisedAt, outcome } = entry
  const at = new Date(clearedAt ?? raisedAt).toTimeString().slice(0, 8)
  const name = `${shortId(sessionId)}  ${oneLine(title, 40)}`
  if (clearedAt !== null)
    return paint('dim', `${at}  –  ${name}: ${outcome ?? `no more (${wordsOf(entry)})`}`)
  const colour = kind === 'finished' ? 'green' : kind === 'approval' || kind === 'question' ? 'yellow' : 'red'
  const head = paint(colour, `${MARKS[kind]}  ${name} ${wordsOf(entry)}`)
  return `${at}  ${head}: ${oneLine(text, TEXT_UNITS)}`
}

/** OSC 9, which iTerm2, WezTerm, Ghostty, kitty and Windows Terminal show as a notification, and the bell for the others. */
function notification(entry: AttentionEntry): string {
  const words = oneLine(`${entry.title} ${wordsOf(entry)}: ${entry.text}`, TEXT_UNITS)
  return `\u001b]9;${words}\u0007\u0007`
}
