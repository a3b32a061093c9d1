/** What a rollout says of its thread: `session_meta`, `turn_context`, `thread_settings_applied`, token counts. */
import type { Settings } from '../../protocol/settings.ts'
import type { Git, Tokens } from '../../protocol/summary.ts'
import { asFields, asNumber, asText, type Fields } from '../codex/decode.ts'
import { readRateLimits } from '../codex/tokens.ts'
import type { ThreadFacts } from '../event.ts'
import { readTime } from './line.ts'
import type { Reading } from './reading.ts'
import { removeTurns } from './turns.ts'

/** What only the first lines of a rollout tell; the index needs it as well. */
export interface Origin {
  /** `cli`, `vscode`, `exec`, `mcp`, `subagent` …; open set. */
  readonly source: string | null
  /** The program that made the thread, by its own word. */
  readonly originator: string | null
  /** Set for a subagent. */
  readonly parentThreadId: string | null
  /** Null for all but subagents. Of the kinds only `thread_spawn` is a session; the others are helpers (`review`, `compact` …). */
  readonly subagent: {
    readonly kind: string
    readonly nickname: string | null
    readonly role: string | null
    readonly depth: number | null
  } | null
  /** A fork of 0.169 holds none of its parent's history: what it starts from, before this ordinal. */
  readonly base: { readonly threadId: string; readonly endOrdinal: number } | null
}

export function readMeta(meta: Fields): ThreadFacts {
  const threadId = asText(meta.id)
  const createdAt = readTime(meta.timestamp)
  const cwd = asText(meta.cwd)
  const provider = asText(meta.model_provider)
  return {
    ...(threadId === null ? {} : { threadId }),
    ...(meta.session_id === undefined ? {} : { codexSessionId: asText(meta.session_id) }),
    forkedFromThreadId: asText(meta.forked_from_id),
    ...(cwd === null ? {} : { cwd }),
    git: readGit(meta.git),
    codexVersion: asText(meta.cli_version),
    ...(createdAt === null ? {} : { createdAt }),
    ...(provider === null ? {} : { settings: { modelProvider: provider } }),
  }
}

export function readOrigin(meta: Fields): Origin {
  const { source } = meta
  const detail = asFields(source)
  const spawn = asFields(asFields(detail?.subagent)?.thread_spawn)
  const subagent = detail?.subagent ?? detail?.subAgent
  const kind = asText(subagent) ?? Object.keys(asFields(subagent) ?? {})[0]
  const base = asFields(meta.history_base)
  const baseThread = asText(base?.thread_id)
  return {
    source: asText(source) ?? Object.keys(detail ?? {})[0] ?? null,
    originator: asText(meta.originator),
    parentThreadId: asText(spawn?.parent_thread_id) ?? asText(meta.parent_thread_id),
    subagent:
      kind === undefined
        ? null
        : {
            kind,
            nickname: asText(spawn?.agent_nickname),
            role: asText(spawn?.agent_role),
            depth: asNumber(spawn?.depth),
          },
    base:
      baseThread === null
        ? null
        : { threadId: baseThread, endOrdinal: asNumber(base?.end_ordinal_exclusive) ?? 0 },
  }
}

function readGit(value: unknown): Git | null {
  const git = asFields(value)
  if (!git) return null
  return {
    branch: asText(git.branch),
    // Codex takes credentials out since 0.98 or so; older releases wrote them (L20).
    repository: asText(git.repository_url)?.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/i, '$1') ?? null,
    root: null,
    sha: asText(git.commit_hash),
  }
}

/**
 * **Invariant:** the first one wins. A fork or subagent carries its parent's after its own; taking that one would give
 * two sessions one identity. A further file of the same thread begins with one too: that is a revert.
 */
export function onMeta(reading: Reading, meta: Fields): void {
  const { state } = reading
  if (state.threadId === null) {
    const facts = readMeta(meta)
    state.threadId = facts.threadId ?? null
    state.cwd = facts.cwd ?? state.cwd
    Object.assign(state.settings, facts.settings)
    reading.emit({ type: 'thread', facts })
    return
  }
  const { base } = readOrigin(meta)
  if (asText(meta.id) !== state.threadId || base?.threadId !== state.threadId) return
  removeTurns(reading, ({ ordinal }) => ordinal !== null && ordinal >= base.endOrdinal)
}

const SANDBOX_MODES = new Set(['read-only', 'workspace-write', 'danger-full-access'])

/** `turn_context` and `thread_settings_applied` name some fields differently. */
function readSettings(fields: Fields): Partial<Settings> {
  const sandbox = asFields(fields.sandbox_policy)
  const mode = asText(sandbox?.type) ?? asText(sandbox?.mode)
  const model = asText(fields.model)
  const provider = asText(fields.model_provider_id)
  const nested = asFields(asFields(fields.collaboration_mode)?.settings)
  const effort = fields.effort ?? fields.reasoning_effort ?? nested?.reasoning_effort
  const policy = fields.approval_policy
  return {
    ...(model === null ? {} : { model }),
    ...(provider === null ? {} : { modelProvider: provider }),
    ...(effort === undefined ? {} : { effort: asText(effort) }),
    ...(typeof policy === 'string' || asFields(policy) ? { approvalPolicy: policy as string | Fields } : {}),
    ...(mode === null ? {} : { sandbox: SANDBOX_MODES.has(mode) ? mode : 'custom' }),
  }
}

/** Reports only what is new: up to 0.98 the same context is written before every model call. */
export function onSettings(reading: Reading, fields: Fields): void {
  const { state } = reading
  const cwd = asText(fields.cwd)
  const changed = Object.entries(readSettings(fields)).filter(([name, value]) => {
    const known = state.settings[name as keyof Settings]
    return known !== value && JSON.stringify(known) !== JSON.stringify(value)
  })
  const hasMoved = cwd !== null && cwd !== state.cwd
  if (changed.length === 0 && !hasMoved) return
  const settings: Partial<Settings> = Object.fromEntries(changed)
  Object.assign(state.settings, settings)
  if (hasMoved) state.cwd = cwd
  const facts = { ...(hasMoved ? { cwd } : {}), ...(changed.length > 0 ? { settings } : {}) }
  reading.emit({ type: 'thread', facts })
}

/** Totals are Codex's own and replace what was known; nothing is added up here. */
export function onTokenCount(reading: Reading, payload: Fields): void {
  const { state } = reading
  const tokens = readTokens(payload, state.contextWindow)
  if (tokens && !isSame(tokens, state.tokens)) {
    state.tokens = tokens
    reading.emit({ type: 'tokens', turnId: state.turn?.id ?? null, tokens })
  }
  const limits = asFields(payload.rate_limits)
  if (!limits || !LIMITS.some((name) => limits[name] !== null && limits[name] !== undefined)) return
  const rateLimits = readRateLimits(asFields(camelKeys(limits)) ?? {})
  if (rateLimits) reading.emit({ type: 'rateLimits', rateLimits })
}

/** What of a snapshot says anything; the others name it. */
const LIMITS = ['primary', 'secondary', 'credits', 'individual_limit', 'rate_limit_reached_type']

function isSame(tokens: Tokens, known: Tokens | null): boolean {
  if (!known || tokens.contextWindow !== known.contextWindow) return false
  const names = Object.keys(tokens.total) as (keyof Tokens['total'])[]
  return names.every(
    (name) => tokens.total[name] === known.total[name] && tokens.last[name] === known.last[name],
  )
}

function readTokens(payload: Fields, contextWindow: number | null): Tokens | null {
  const info = asFields(payload.info)
  const total = asFields(info?.total_token_usage)
  if (!info || !total) return null
  return {
    total: readCounts(total),
    last: readCounts(asFields(info.last_token_usage) ?? {}),
    contextWindow: asNumber(info.model_context_window) ?? contextWindow,
  }
}

function readCounts(counts: Fields): Tokens['total'] {
  return {
    totalTokens: asNumber(counts.total_tokens) ?? 0,
    inputTokens: asNumber(counts.input_tokens) ?? 0,
    cachedInputTokens: asNumber(counts.cached_input_tokens) ?? 0,
    outputTokens: asNumber(counts.output_tokens) ?? 0,
    reasoningOutputTokens: asNumber(counts.reasoning_output_tokens) ?? 0,
  }
}

/** For shapes whose keys are all Codex's own. */
function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys)
  const fields = asFields(value)
  if (!fields) return value
  return Object.fromEntries(Object.entries(fields).map(([key, entry]) => [camel(key), camelKeys(entry)]))
}

export function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
