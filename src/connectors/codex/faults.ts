/** What went wrong with a request to Codex, as a `ConnectorError` with a sentence for a person. */
import { PeerClosedError, RemoteError, RequestTimeoutError } from '../../jsonrpc/peer.ts'
import { ConnectorError } from '../connector.ts'

/** Every failure of Codex is the code -32600 with a text; the text is all there is to tell one from another. */
const BY_TEXT: readonly (readonly [RegExp, 'heldElsewhere' | 'threadNotFound' | 'unsupported', string])[] = [
  [
    /already has an active writer/,
    'heldElsewhere',
    'Another Codex process has this thread open. Join that process, watch the thread, or fork it.',
  ],
  [
    /no rollout found|thread not found|conversation not found/i,
    'threadNotFound',
    'Codex does not know this thread: it has no rollout, or it was deleted.',
  ],
  [/unknown variant/, 'unsupported', 'This release of Codex cannot do that.'],
]

/** The error a failed request is reported with. Not a fault of ours passes through unchanged. */
export function toConnectorError(method: string, error: unknown): unknown {
  if (error instanceof RemoteError) {
    const facts = { method, codexMessage: error.message.slice(0, 2000), code: error.code }
    for (const [pattern, fault, sentence] of BY_TEXT) {
      if (pattern.test(error.message)) return new ConnectorError(fault, sentence, facts, { cause: error })
    }
    return new ConnectorError('refused', `Codex refused: ${facts.codexMessage}`, facts, { cause: error })
  }
  if (error instanceof PeerClosedError) {
    return new ConnectorError('closed', error.message, { method }, { cause: error })
  }
  if (error instanceof RequestTimeoutError) {
    return new ConnectorError('timeout', error.message, { method }, { cause: error })
  }
  return error
}
