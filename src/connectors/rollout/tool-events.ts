/** Tools told by events of their own: 0.98 to 0.142 write the ends of some beside the outputs the model was given. */
import { asFields, asText, type Fields } from '../codex/decode.ts'
import { readItem } from '../codex/items.ts'
import { camel } from './facts.ts'
import { completed } from './messages.ts'
import { readChangeMap } from './patch.ts'
import type { Rule } from './reading.ts'
import { forgetCall } from './tool-calls.ts'
import { deriveItemId, openTurn } from './turns.ts'
import { readCommand } from './typed-items.ts'

/** An ended tool as an event with its call's id. */
function toolEnd(type: string, read: (event: Fields) => Fields): Rule {
  return (reading, event) => {
    const id = asText(event.call_id)
    if (id === null) return
    const startedAt = reading.state.calls[id]?.item?.startedAt ?? null
    forgetCall(reading, id)
    const item = readItem({ id, type, ...read(event) }, 'completed', {
      startedAtMs: startedAt,
      completedAtMs: reading.at,
    })
    if (item) reading.item(asText(event.turn_id) ?? openTurn(reading).id, item)
  }
}

export const commandEnd = toolEnd('commandExecution', (event) => {
  const body = readCommand(event)
  return { ...body, status: body.status || (body.exitCode === 0 ? 'completed' : 'failed') }
})

export const patchEnd = toolEnd('fileChange', (event) => ({
  changes: readChangeMap(event.changes),
  status: camel(asText(event.status) ?? (event.success === false ? 'failed' : 'completed')),
}))

export const mcpEnd = toolEnd('mcpToolCall', (event) => {
  const invocation = asFields(event.invocation)
  const result = asFields(event.result)
  const failure = asText(result?.Err)
  return {
    server: asText(invocation?.server) ?? '',
    tool: asText(invocation?.tool) ?? '',
    arguments: invocation?.arguments ?? null,
    status: failure === null ? 'completed' : 'failed',
    result: asFields(result?.Ok),
    error: failure === null ? null : { message: failure },
  }
})

export const webSearchEnd = toolEnd('webSearch', (event) => ({
  query: asText(event.query) ?? '',
  action: event.action ?? null,
}))

/** Until 0.142 a search is an item of the model's answer, without a call or an output. */
export const webSearchCall: Rule = (reading, payload) => {
  const action = asFields(payload.action)
  const query = asText(action?.query) ?? ''
  if (reading.ordinal !== null || reading.isTwin('webSearch', query, 'item')) return
  const turn = openTurn(reading)
  const id = asText(payload.id) ?? deriveItemId(turn)
  reading.item(turn.id, completed(reading, id, 'webSearch', { query, action }))
}
