/**
 * An HTTP server that speaks enough of the OpenAI Responses API for a real Codex to hold a conversation with it.
 * It owns no intelligence: a `Script` decides, per request, which steps the "model" takes. The demo, the tests and
 * the benches all run the real Codex against it, so nothing here may know about the hub.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
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
  /** Answer this HTTP status instead of a stream (only as the first step). */
  | { readonly httpStatus: number; readonly message: string }
  /** Report this many input tokens for the request (default 100): fills the context without filling it. */
  | { readonly inputTokens: number }
  /** End the stream with `response.failed`. */
  | { readonly fail: string; readonly code?: string }

/** What Codex sent for one model request. */
export interface ModelRequest {
  /** Texts of the user messages, oldest first, without the environment and instruction wrappers Codex adds. */
  readonly userTexts: readonly string[]
  /** The newest of them. */
  readonly lastUserText: string
  /** True when the request continues after a tool ran, that is, the newest input item is a tool output. */
  readonly afterTool: boolean
  /** Outputs of tools run since the last user message, oldest first, as text. */
  readonly toolOutputs: readonly string[]
  readonly model: string
  readonly toolNames: readonly string[]
  readonly body: Record<string, unknown>
}

export type Script = (request: ModelRequest) => readonly Step[] | Promise<readonly Step[]>

export interface ScriptedModel {
  /** Base URL for Codex's `model_providers.<name>.base_url`, ending in `/v1`. */
  readonly baseUrl: string
  /** Every model request so far, oldest first. */
  readonly requests: ModelRequest[]
  /** How many answers were sent to their end. */
  readonly answered: number
  /** Replace the script for requests from now on. */
  use(script: Script): void
  close(): Promise<void>
}

/** Start the model on a loopback port chosen by the system (or `port`). */
export async function startScriptedModel(script: Script, port = 0): Promise<ScriptedModel> {
  const requests: ModelRequest[] = []
  let current = script
  let answered = 0
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      if (!outgoing.headersSent) outgoing.writeHead(500)
      outgoing.end(String(error))
    })
  })
  // Codex tries a WebSocket first; a refusal makes it fall back to HTTP.
  server.on('upgrade', (_request, socket) =>
    socket.end('HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\n\r\n'),
  )

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = (incoming.url ?? '').split('?')[0] ?? ''
    if (incoming.method !== 'POST' || !path.endsWith('/responses')) {
      outgoing.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"not found"}}')
      return
    }
    const request = parseRequest(JSON.parse(await readBody(incoming)))
    requests.push(request)
    const steps = await current(request)
    await stream(steps, outgoing)
    answered += 1
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get answered() {
      return answered
    },
    use: (next) => {
      current = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

interface InputItem {
  readonly type?: string
  readonly role?: string
  readonly content?: readonly { readonly text?: string }[] | string
  readonly output?: unknown
}

function parseRequest(body: Record<string, unknown>): ModelRequest {
  const input = (Array.isArray(body.input) ? body.input : []) as InputItem[]
  const userTexts: string[] = []
  let toolOutputs: string[] = []
  let afterTool = false
  for (const item of input) {
    if (item.role === 'user') {
      const text = textOf(item)
      if (isWrapper(text)) continue
      userTexts.push(text)
      toolOutputs = []
      afterTool = false
    } else if (item.type?.endsWith('_output')) {
      toolOutputs.push(typeof item.output === 'string' ? item.output : JSON.stringify(item.output))
      afterTool = true
    }
  }
  const tools = (Array.isArray(body.tools) ? body.tools : []) as { name?: string; type?: string }[]
  return {
    userTexts,
    lastUserText: userTexts.at(-1) ?? '',
    afterTool,
    toolOutputs,
    model: String(body.model ?? ''),
    toolNames: tools.map((tool) => tool.name ?? tool.type ?? ''),
    body,
  }
}

function textOf(item: InputItem): string {
  if (typeof item.content === 'string') return item.content
  return (item.content ?? []).map((part) => part.text ?? '').join('')
}

// Codex puts its environment, permissions and AGENTS.md texts into user-role messages of their own.
function isWrapper(text: string): boolean {
  return /^\s*(<[a-z_]+[\s>]|# AGENTS\.md instructions)/.test(text)
}

async function stream(steps: readonly Step[], outgoing: ServerResponse): Promise<void> {
  const first = steps[0]
  if (first && 'httpStatus' in first) {
    outgoing.writeHead(first.httpStatus, { 'content-type': 'application/json' })
    outgoing.end(JSON.stringify({ error: { message: first.message, type: 'scripted', code: 'scripted' } }))
    return
  }
  const responseId = `resp_${randomUUID()}`
  outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
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
