/**
 * The steps of a model's answer, and how each looks as the server-sent events of the Responses API. It plays what it is
 * given, in order, and knows nothing of why.
 */
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** One thing the model does in its answer, in order. */
export type Step =
  /** Stream `text` as an assistant message, in `chunks` pieces (default: by word), `pauseMs` apart. */
  | { readonly say: string; readonly chunks?: Iterable<string>; readonly pauseMs?: number }
  /** Stream a reasoning summary. */
  | { readonly think: string }
  /** Call a function tool, of a group where it has one; Codex runs it and posts again with the output. */
  | { readonly call: string; readonly args: unknown; readonly namespace?: string }
  /** Call a custom (free-form) tool such as `apply_patch`. */
  | { readonly custom: string; readonly input: string }
  /** Wait without sending anything. */
  | { readonly pauseMs: number }
  /** Wait until the promise resolves: the test's hand on the tap. */
  | { readonly until: Promise<unknown> }
  /** Answer this HTTP status instead of a stream (only as the first step); `error` adds to or replaces its fields. */
  | { readonly httpStatus: number; readonly message: string; readonly error?: object }
  /** Send these HTTP headers with the stream (only as the first step): an account's limits come so. */
  | { readonly headers: Readonly<Record<string, string>> }
  /** Report this many input tokens for the request (default 100): fills the context without filling it. */
  | { readonly inputTokens: number }
  /** End the stream with `response.failed`. */
  | { readonly fail: string; readonly code?: string }

/** Play the steps to their end, or until the reader goes. */
export async function playSteps(steps: readonly Step[], outgoing: ServerResponse): Promise<void> {
  const first = steps[0]
  if (first && 'httpStatus' in first) {
    outgoing.writeHead(first.httpStatus, { 'content-type': 'application/json' })
    const error = { message: first.message, type: 'scripted', code: 'scripted', ...first.error }
    outgoing.end(JSON.stringify({ error }))
    return
  }
  const responseId = `resp_${randomUUID()}`
  const headers = first && 'headers' in first ? first.headers : {}
  outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers })
  const send = (type: string, fields: object): void => {
    outgoing.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  }
  send('response.created', { response: { id: responseId } })
  let outputIndex = 0
  const closed = new Promise((resolve) => outgoing.once('close', resolve))
  let inputTokens = 100
  for (const step of steps) {
    if (outgoing.destroyed) return
    if ('inputTokens' in step) inputTokens = step.inputTokens
    else if ('say' in step) await say(step, outputIndex++)
    else if ('think' in step) think(step.think, outputIndex++)
    else if ('call' in step) {
      const item = {
        type: 'function_call',
        id: `fc_${randomUUID()}`,
        call_id: `call_${randomUUID()}`,
        name: step.call,
        ...(step.namespace === undefined ? {} : { namespace: step.namespace }),
        arguments: JSON.stringify(step.args),
      }
      send('response.output_item.done', { output_index: outputIndex++, item })
    } else if ('custom' in step) {
      const item = {
        type: 'custom_tool_call',
        id: `ctc_${randomUUID()}`,
        call_id: `call_${randomUUID()}`,
        name: step.custom,
        input: step.input,
      }
      send('response.output_item.done', { output_index: outputIndex++, item })
    } else if ('until' in step) await step.until
    else if ('fail' in step) {
      send('response.failed', {
        response: { id: responseId, error: { code: step.code ?? 'server_error', message: step.fail } },
      })
      outgoing.end()
      return
    } else if ('pauseMs' in step) await delay(step.pauseMs)
  }
  send('response.completed', {
    response: {
      id: responseId,
      usage: {
        input_tokens: inputTokens,
        input_tokens_details: { cached_tokens: 40 },
        output_tokens: 20,
        output_tokens_details: { reasoning_tokens: 5 },
        total_tokens: inputTokens + 20,
      },
    },
  })
  outgoing.end()

  async function say(step: Extract<Step, { say: string }>, index: number): Promise<void> {
    const id = `msg_${randomUUID()}`
    send('response.output_item.added', {
      output_index: index,
      item: { type: 'message', id, role: 'assistant', content: [] },
    })
    for (const delta of step.chunks ?? step.say.match(/\S+\s*|\s+/g) ?? []) {
      send('response.output_text.delta', { item_id: id, output_index: index, content_index: 0, delta })
      if (step.pauseMs) await delay(step.pauseMs)
      // A reader that fell behind must not make this process hold the whole answer.
      if (outgoing.writableNeedDrain) {
        await Promise.race([new Promise((resolve) => outgoing.once('drain', resolve)), closed])
      }
      if (outgoing.destroyed) return
    }
    send('response.output_item.done', {
      output_index: index,
      item: { type: 'message', id, role: 'assistant', content: [{ type: 'output_text', text: step.say }] },
    })
  }

  function think(text: string, index: number): void {
    const id = `rs_${randomUUID()}`
    send('response.output_item.added', { output_index: index, item: { type: 'reasoning', id, summary: [] } })
    send('response.reasoning_summary_part.added', { item_id: id, output_index: index, summary_index: 0 })
    send('response.reasoning_summary_text.delta', {
      item_id: id,
      output_index: index,
      summary_index: 0,
      delta: text,
    })
    send('response.output_item.done', {
      output_index: index,
      item: { type: 'reasoning', id, summary: [{ type: 'summary_text', text }], encrypted_content: null },
    })
  }
}
