/** What Codex wrote down of a thread, read from its rollout line by line, with none of the hub's own reading. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrueTurn } from '../world.ts'

interface Line {
  readonly type: string
  readonly payload: {
    readonly type?: string
    readonly turn_id?: string
    readonly item?: {
      readonly id: string
      readonly type: string
      readonly content?: readonly { readonly text?: string }[]
    }
  }
}

interface Turn {
  readonly id: string
  status: TrueTurn['status'] | null
  readonly prompts: string[]
  readonly texts: string[]
  readonly itemIds: string[]
}

/** The turns that Codex (0.169) says have ended; null when it has no rollout of the thread. */
export function readTruth(codexHome: string, threadId: string): TrueTurn[] | null {
  const [path] = globSync(
    join(codexHome, '{sessions,archived_sessions}', '**', `rollout-*-${threadId}.jsonl`),
  )
  if (path === undefined) return null
  const turns = new Map<string, Turn>()
  const turnOf = (id: string): Turn => {
    const turn = turns.get(id) ?? { id, status: null, prompts: [], texts: [], itemIds: [] }
    turns.set(id, turn)
    return turn
  }
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    if (text === '') continue
    let line: Line
    try {
      line = JSON.parse(text)
    } catch {
      // A line that a killed process left torn.
      continue
    }
    const { type, turn_id: turnId, item } = line.payload
    if (line.type !== 'event_msg' || turnId === undefined) continue
    const turn = turnOf(turnId)
    if (type === 'task_complete') turn.status = 'completed'
    if (type === 'turn_aborted') turn.status = 'interrupted'
    if (type !== 'item_completed' || !item) continue
    turn.itemIds.push(item.id)
    const words = (item.content ?? []).map((part) => part.text ?? '').join('')
    if (item.type === 'UserMessage') turn.prompts.push(words)
    if (item.type === 'AgentMessage') turn.texts.push(words)
  }
  return [...turns.values()].filter((turn): turn is Turn & TrueTurn => turn.status !== null)
}
