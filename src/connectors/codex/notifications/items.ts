/** What Codex says of items: that they began and ended, and what is added to them in between. */
import { asText } from '../decode.ts'
import { readItem } from '../items.ts'
import type { Rule, Rules } from './rule.ts'

/** A rule for a text delta. One event is made for each of thousands a second, and nothing else. */
function append(field: string, indexName?: string): Rule {
  return (context, params) => {
    const { turnId, itemId, delta } = params
    if (typeof turnId !== 'string' || typeof itemId !== 'string' || typeof delta !== 'string') return false
    const id = context.turnIds.qualify(turnId)
    if (indexName === undefined) {
      context.emit({ type: 'append', turnId: id, itemId, field, text: delta })
      return true
    }
    const index = params[indexName]
    if (typeof index !== 'number') return false
    context.emit({ type: 'append', turnId: id, itemId, field, index, text: delta })
    return true
  }
}

const itemStarted: Rule = (context, params) => {
  const item = readItem(params.item, 'started', params)
  const turnId = asText(params.turnId)
  if (!item || turnId === null) return false
  const startedAt = item.startedAt ?? context.now()
  context.emit({ type: 'item', turnId: context.turnIds.qualify(turnId), item: { ...item, startedAt } })
  return true
}

const itemCompleted: Rule = (context, params) => {
  const item = readItem(params.item, 'completed', params)
  const turnId = asText(params.turnId)
  if (!item || turnId === null) return false
  const completedAt = item.completedAt ?? context.now()
  context.emit({ type: 'item', turnId: context.turnIds.qualify(turnId), item: { ...item, completedAt } })
  return true
}

const patchUpdated: Rule = (context, { itemId, changes }) => {
  if (typeof itemId !== 'string' || !Array.isArray(changes)) return false
  context.emit({ type: 'itemBody', itemId, patch: { changes } })
  return true
}

export const ITEM_RULES: Rules = [
  ['item/agentMessage/delta', append('text')],
  ['item/plan/delta', append('text')],
  ['item/commandExecution/outputDelta', append('aggregatedOutput')],
  ['item/reasoning/summaryTextDelta', append('summary', 'summaryIndex')],
  ['item/reasoning/textDelta', append('content', 'contentIndex')],
  ['item/started', itemStarted],
  ['item/completed', itemCompleted],
  ['item/fileChange/patchUpdated', patchUpdated],
]
