/** What went wrong with a request to Codex, as a `ConnectorError` with a sentence for a person. */
import { PeerClosedError, RemoteError, RequestTimeoutError } from '../../jsonrpc/peer.ts'
import { ConnectorError } from '../connector.ts'
import { asFields, asText } from './decode.ts'

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

/** Writing the configuration is the one thing that Codex refuses with a code of its own. */
const BY_CONFIG_CODE: Readonly<Record<string, 'changed' | 'invalid'>> = {
  configVersionConflict: 'changed',
  configValidationError: 'invalid',
  configPathNotFound: 'invalid',
}

/** The error a failed request is reported with. Not a fault of ours passes through unchanged. */
export function toConnectorError(method: string, error: unknown): unknown {
  if (error instanceof RemoteError) {
    const facts = { method, codexMessage: error.message.slice(0, 2000), code: error.code }
    const configCode = asText(asFields(error.data)?.config_write_error_code)
    if (configCode !== null) return configFailure(configCode, { ...facts, configCode }, error)
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

function configFailure(
  code: string,
  facts: { readonly codexMessage: string; readonly [key: string]: unknown },
  cause: RemoteError,
): ConnectorError {
  const fault = BY_CONFIG_CODE[code] ?? 'refused'
  const sentence =
    fault === 'changed'
      ? 'The configuration was changed since it was read. Read it again, and decide anew.'
      : `Codex refuses the configuration: ${facts.codexMessage.trim()}`
  return new ConnectorError(fault, sentence, facts, { cause })
}
