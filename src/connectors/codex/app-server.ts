/**
 * One conversation with one app-server: handshake, requests with their timeouts and typed errors, and the end, told
 * once with the first cause. It knows nothing of threads. The process behind it may be a child of this hub, one of an
 * earlier hub, or nobody's.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { CloseCause, MessageChannel } from '../../jsonrpc/channel.ts'
import type { RequestId } from '../../jsonrpc/message.ts'
import { Peer } from '../../jsonrpc/peer.ts'
import type { Response } from './approval-offer.ts'
import { Backlog } from './backlog.ts'
import type { Conversation, ConversationListener } from './conversation.ts'
import { asFields, asText } from './decode.ts'
import { toConnectorError } from './faults.ts'
import type { Requests } from './requests.ts'
import { parseVersion } from './version.ts'

export interface AppServerOptions {
  readonly channel: MessageChannel
  /** Shown to Codex and to whoever reads its logs. */
  readonly hubVersion: string
  readonly clock: Clock
  readonly log: Log
  /** Find out what really ended it: a lost connection is told apart from a process that is gone. */
  explain(cause: CloseCause): Promise<CloseCause>
}

/** Notifications the hub has no use for. The first ones double every event up to 0.98. */
const UNWANTED = [
  ...[
    'agent_message',
    'agent_message_content_delta',
    'agent_message_delta',
    'agent_reasoning',
    'agent_reasoning_delta',
    'agent_reasoning_raw_content',
    'agent_reasoning_raw_content_delta',
    'agent_reasoning_section_break',
    'exec_command_begin',
    'exec_command_end',
    'exec_command_output_delta',
    'item_completed',
    'item_started',
    'reasoning_content_delta',
    'reasoning_raw_content_delta',
    'task_complete',
    'task_started',
    'token_count',
    'turn_diff',
    'user_message',
  ].map((name) => `codex/event/${name}`),
  'remoteControl/status/changed',
  'thread/readState/changed',
]

const HANDSHAKE_TIMEOUT_MS = 20_000
const REQUEST_TIMEOUT_MS = 60_000

export class AppServer implements Conversation {
  readonly #peer: Peer
  readonly #options: AppServerOptions
  #listener: ConversationListener | null = null
  /** What came before anybody listened: requests replayed and events sent around the answer that opens a thread. */
  readonly #backlog = new Backlog()
  #cause: CloseCause | null = null
  #version: string | null = null
  #unreadable = 0

  constructor(options: AppServerOptions) {
    this.#options = options
    this.#peer = new Peer(options.channel, {
      tagged: false,
      onNotification: ({ method, params }) => (this.#listener ?? this.#backlog).notification(method, params),
      onRequest: (request) => (this.#listener ?? this.#backlog).request(request),
      onInvalid: (text, why) => {
        this.#unreadable += 1
        options.log.warn({ why, head: text.slice(0, 200) }, 'a message of Codex could not be read')
      },
      onClose: (cause) => {
        this.#ended(cause).catch((error: unknown) =>
          options.log.error({ err: error }, 'the end of a conversation with Codex could not be taken in'),
        )
      },
    })
  }

  /** As Codex itself says it; null before the handshake. */
  get version(): string | null {
    return this.#version
  }

  /** Messages so far that were not JSON-RPC. */
  get unreadable(): number {
    return this.#unreadable
  }

  get isClosed(): boolean {
    return this.#peer.isClosed
  }

  /** @throws ConnectorError */
  async handshake(timeoutMs = HANDSHAKE_TIMEOUT_MS): Promise<void> {
    const answer = await this.request(
      'initialize',
      {
        clientInfo: { name: 'codex_hub', title: 'codex-hub', version: this.#options.hubVersion },
        capabilities: {
          experimentalApi: true,
          requestAttestation: false,
          optOutNotificationMethods: UNWANTED,
        },
      },
      timeoutMs,
    )
    this.#version = parseVersion(asText(asFields(answer)?.userAgent) ?? '')
    this.#peer.notify('initialized')
  }

  /** @throws ConnectorError */
  async request<M extends keyof Requests>(
    method: M,
    params: Requests[M],
    timeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<unknown> {
    try {
      return await this.#peer.request(method, params, { timeoutMs })
    } catch (error) {
      throw toConnectorError(method, error)
    }
  }

  /** The error as Codex sent it, for who reads it. @throws RemoteError, PeerClosedError or RequestTimeoutError */
  requestRaw(method: string, params: unknown, timeoutMs = REQUEST_TIMEOUT_MS): Promise<unknown> {
    return this.#peer.request(method, params, { timeoutMs })
  }

  respond(id: RequestId, response: Response): void {
    if ('error' in response) this.#peer.respondError(id, response.error)
    else this.#peer.respond(id, response.result)
  }

  listen(listener: ConversationListener): void {
    this.#listener = listener
    this.#backlog.tell(listener)
    if (this.#cause) listener.closed(this.#cause)
  }

  /** End the conversation; the listener is not told of it. */
  close(): void {
    this.#listener = null
    this.#peer.close()
  }

  async #ended(cause: CloseCause): Promise<void> {
    // Ours to end: nobody asks what happened.
    const explained = cause.kind === 'closed' ? cause : await this.#options.explain(cause)
    this.#cause = explained
    this.#listener?.closed(explained)
  }
}
