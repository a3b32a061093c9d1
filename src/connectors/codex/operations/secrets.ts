/**
 * What a configuration holds and no client may see (L20): values of keys that name a secret, all of what goes into
 * environments and headers, and credentials inside addresses and arguments. Rather one too many than one too few.
 */
import { REDACTED } from '../../../protocol/codex-config.ts'

/** Numbers and switches are no secrets, so `model_auto_compact_token_limit` stays. */
const SECRET_KEY =
  /token|secret|passw|pwd$|api_?key|apikey|credential|authori[sz]ation|bearer|cookie|private_?key|client_?key|signature/i
/** They say where a secret is, or how it is kept, and not the secret. */
const NAMES_ONLY =
  /(_env_var|_env|_file|_store|_path|_helper|_command|_url|_callback_port)$|^env_key|^env_http_headers$/i
/** Tables whose keys a person chose, and whose values are often secrets. */
const TABLES = new Set(['env', 'http_headers', 'headers', 'query_params', 'set', 'extra_headers'])
const SECRET_ARGUMENT = /^(--?[\w-]*(?:token|secret|passw|key|auth|credential|bearer)[\w-]*)(?:=(.*))?$/is

export function withoutSecrets(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return isSecret(key) && value !== '' ? REDACTED : withoutCredentials(value)
  if (Array.isArray(value)) return withoutSecretArguments(value, key)
  if (typeof value !== 'object' || value === null) return value
  const hidesAll = TABLES.has(key.toLowerCase())
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      hidesAll && each !== null && typeof each !== 'object' ? REDACTED : withoutSecrets(each, name),
    ]),
  )
}

function isSecret(key: string): boolean {
  return SECRET_KEY.test(key) && !NAMES_ONLY.test(key)
}

function withoutSecretArguments(list: readonly unknown[], key: string): unknown[] {
  let isNext = false
  return list.map((entry) => {
    const wasNext = isNext
    isNext = false
    if (typeof entry !== 'string') return withoutSecrets(entry)
    if (wasNext && !entry.startsWith('-')) return REDACTED
    const [, name, value] = SECRET_ARGUMENT.exec(entry) ?? []
    if (name === undefined) return withoutSecrets(entry, key)
    if (value !== undefined) return `${name}=${REDACTED}`
    isNext = true
    return entry
  })
}

/** `https://user:password@host/?key=…`: the address stays, its credentials do not. */
function withoutCredentials(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/?#@\s]*@/gi, '$1')
    .replace(/([?&][\w-]*(?:token|secret|key|auth|sig|password)[\w-]*=)[^&#\s]+/gi, `$1${REDACTED}`)
}
