/** Everything Codex asks a person besides commands and file changes. */
import type { ApprovalAnswer } from '../../protocol/approval.ts'
import { ConnectorError } from '../connector.ts'
import { contentOf, fixed, type Offer, offer, type Question, titleOf } from './approval-offer.ts'
import { asFields, asList, asText, asTexts, type Fields } from './decode.ts'

/** `item/permissions/requestApproval`: all that was asked for, for as long as the person says, or nothing. */
export function askPermissions(params: Fields): Question {
  const asked = asFields(params.permissions) ?? {}
  // Parts that are not asked for come as null and may not be granted as null.
  const permissions = Object.fromEntries(Object.entries(asked).filter(([, part]) => part !== null))
  const grant = (scope: 'turn' | 'session') => ({ permissions, scope })
  return {
    kind: 'permissions',
    title: permissionsTitle(asked),
    reason: asText(params.reason),
    offers: [
      fixed(
        { id: 'grantForTurn', label: 'Allow for this turn', effect: 'allow', scope: 'turn' },
        grant('turn'),
      ),
      fixed(
        { id: 'grantForSession', label: 'Allow for this session', effect: 'allow', scope: 'session' },
        grant('session'),
      ),
      fixed({ id: 'decline', label: 'Decline', effect: 'deny' }, { permissions: {}, scope: 'turn' }),
    ],
  }
}

function permissionsTitle(asked: Fields): string {
  const files = asFields(asked.fileSystem)
  const read = asTexts(files?.read)
  const write = asTexts(files?.write)
  const entries = asList(files?.entries).length
  const parts = [
    ...(asFields(asked.network)?.enabled === true ? ['network access'] : []),
    ...(read.length > 0 ? [`read ${read.join(', ')}`] : []),
    ...(write.length > 0 ? [`write ${write.join(', ')}`] : []),
    ...(entries > 0 ? [`${entries} file system rule${entries === 1 ? '' : 's'}`] : []),
  ]
  return titleOf(`More permissions: ${parts.join('; ') || 'see the details'}`)
}

/** `item/tool/requestUserInput` */
export function askUserInput(params: Fields): Question {
  const texts = asList(params.questions).flatMap((entry) => asText(asFields(entry)?.question) ?? [])
  return {
    kind: 'question',
    title: titleOf(texts.join(' · ')) || 'A question',
    reason: null,
    offers: [
      offer({ id: 'answer', label: 'Answer', effect: 'allow', needs: 'answers' }, (answer) => ({
        result: { answers: answersOf(answer) },
      })),
      fixed({ id: 'skip', label: 'Skip without an answer', effect: 'cancel' }, { answers: {} }),
    ],
  }
}

function answersOf(answer: ApprovalAnswer): Record<string, { answers: string[] }> {
  if (!answer.answers) {
    throw new ConnectorError('refused', 'The choice answer needs answers, by question id.', {
      choice: answer.choice,
    })
  }
  return Object.fromEntries(Object.entries(answer.answers).map(([id, answers]) => [id, { answers }]))
}

/** `mcpServer/elicitation/request`, in all its modes. */
export function askElicitation(params: Fields): Question {
  const server = asText(params.serverName) ?? 'an MCP server'
  const text = asText(params.message) ?? asText(params.title) ?? 'asks for something'
  const isUrl = params.mode === 'url'
  const needs = isUrl || isEmptyForm(params.requestedSchema) ? null : 'content'
  return {
    kind: 'elicitation',
    title: titleOf(`${server}: ${text}${isUrl ? ` ${asText(params.url) ?? ''}` : ''}`),
    reason: asText(params.description),
    offers: [
      offer({ id: 'accept', label: 'Accept', effect: 'allow', needs }, (answer) => ({
        result: {
          action: 'accept',
          content: needs === null ? emptyContent(isUrl) : contentOf(answer),
          _meta: null,
        },
      })),
      ...persistOffers(params, needs, isUrl),
      fixed(
        { id: 'decline', label: 'Decline', effect: 'deny' },
        { action: 'decline', content: null, _meta: null },
      ),
      fixed(
        { id: 'cancel', label: 'Cancel', effect: 'cancel' },
        { action: 'cancel', content: null, _meta: null },
      ),
    ],
  }
}

const PERSIST = {
  session: { id: 'acceptForSession', label: 'Accept for this session', scope: 'session' },
  always: { id: 'acceptAlways', label: 'Always accept', scope: 'always' },
} as const

/** Codex asks for the approval of MCP tools in this way and says in `_meta.persist` how long a yes may last. */
function persistOffers(params: Fields, needs: 'content' | null, isUrl: boolean): Offer[] {
  const persist = asFields(params._meta)?.persist
  const offered = [...asTexts(persist), ...(typeof persist === 'string' ? [persist] : [])]
  return offered.flatMap((span) => {
    if (span !== 'session' && span !== 'always') return []
    return offer({ ...PERSIST[span], effect: 'allow', needs }, (answer) => ({
      result: {
        action: 'accept',
        content: needs === null ? emptyContent(isUrl) : contentOf(answer),
        _meta: { persist: span },
      },
    }))
  })
}

/** An accepted form has an object for content, even when it asks nothing; a URL has none. */
function emptyContent(isUrl: boolean): Fields | null {
  return isUrl ? null : {}
}

function isEmptyForm(schema: unknown): boolean {
  const properties = asFields(asFields(schema)?.properties)
  return properties !== null && Object.keys(properties).length === 0
}

/** `item/tool/call`: a tool that the client itself is to run. */
export function askToolCall(params: Fields): Question {
  const tool = [asText(params.namespace), asText(params.tool) ?? 'a tool'].filter((part) => part !== null)
  return {
    kind: 'toolCall',
    title: titleOf(`Run ${tool.join('.')} ${JSON.stringify(params.arguments ?? {})}`),
    reason: null,
    offers: [
      offer({ id: 'result', label: 'Give its result', effect: 'allow', needs: 'content' }, (answer) => ({
        result: { contentItems: toolContent(contentOf(answer)), success: true },
      })),
      offer({ id: 'fail', label: 'Say that it failed', effect: 'deny' }, (answer) => ({
        result: {
          contentItems: toolContent(answer.content ?? 'The user did not run this tool.'),
          success: false,
        },
      })),
    ],
  }
}

/** Codex's own content items pass; anything else is given to the agent as text. */
function toolContent(content: unknown): unknown[] {
  if (Array.isArray(content) && content.length > 0 && content.every((item) => asFields(item)?.type))
    return content
  return [{ type: 'inputText', text: typeof content === 'string' ? content : JSON.stringify(content) }]
}

/** A request this hub does not know: it is shown as it is, and answered raw or not at all. */
export function askUnknown(method: string, params: Fields): Question {
  return {
    kind: 'other',
    title: titleOf(`Codex asks: ${method}`),
    reason: asText(params.reason) ?? asText(params.message),
    offers: [
      offer({ id: 'respond', label: 'Send a response', effect: 'allow', needs: 'content' }, (answer) => ({
        result: contentOf(answer),
      })),
      offer({ id: 'refuse', label: 'Refuse', effect: 'deny' }, () => ({
        error: { code: -32_000, message: `The user refused ${method}.` },
      })),
    ],
  }
}
