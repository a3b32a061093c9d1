/**
 * An HTTP server that speaks enough of the OpenAI Responses API for a real Codex to hold a conversation with it.
 * It owns no intelligence: a `Script` decides, per request, which steps the "model" takes. The demo, the tests and
 * the benches all run the real Codex against it, so nothing here may know about the hub.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { playSteps, type Step } from './answer.ts'
import { type ModelRequest, readModelRequest } from './model-request.ts'

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
    const request = readModelRequest(JSON.parse(await readBody(incoming)))
    requests.push(request)
    const steps = await current(request)
    await playSteps(steps, outgoing)
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
