/** Everything Codex asks a person besides commands and file changes. */
import type { ApprovalAnswer } from '../../protocol/approval.ts'
import { ConnectorError } from '../connector.ts'
import { contentOf, fixed, made, type Question, refusal, titleOf } from './approval-offer.ts'
import { asFields, asList, asText, asTexts, type Fields } from './decode.ts'
import type {
  DynamicToolCallResponse,
  JsonValue,
  McpServerElicitationAction,
  McpServerElicitationRequestResponse,
  PermissionsRequestApprovalResponse,
  ToolRequestUserInputResponse,
} from './generated/protocol.ts'

/** `item/permissions/requestApproval`: all that was asked for, for as long as the person says, or nothing. */
export function askPermissions(params: Fields): Question {
  const asked = asFields(params.permissions) ?? {}
  // Parts that are not asked for come as null and may not be granted as null.
  const permissions = Object.fromEntries(Object.entries(asked).filter(([, part]) => part !== null))
  const grant = (scope: 'turn' | 'session'): PermissionsRequestApprovalResponse => ({ permissions, scope })
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
      fixed<PermissionsRequestApprovalResponse>(
        { id: 'decline', label: 'Decline', effect: 'deny' },
        { permissions: {}, scope: 'turn' },
      ),
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
      made({ id: 'answer', label: 'Answer', effect: 'allow', needs: 'answers' }, answersOf),
      fixed<ToolRequestUserInputResponse>(
        { id: 'skip', label: 'Skip without an answer', effect: 'cancel' },
        { answers: {} },
      ),
    ],
  }
}

function answersOf(answer: ApprovalAnswer): ToolRequestUserInputResponse {
  if (!answer.answers) {
    throw new ConnectorError('refused', 'The choice answer needs answers, by question id.', {
      choice: answer.choice,
    })
  }
  const byQuestion = Object.entries(answer.answers).map(([id, answers]) => [id, { answers }] as const)
  return { answers: Object.fromEntries(byQuestion) }
}

/** `mcpServer/elicitation/request`, in all its modes. */
export function askElicitation(params: Fields): Question {
  const server = asText(params.serverName) ?? 'an MCP server'
  const text = asText(params.message) ?? asText(params.title) ?? 'asks for something'
  const isUrl = params.mode === 'url'
  const needs = isUrl || isEmptyForm(params.requestedSchema) ? null : 'content'
  // An accepted form has an object for content, even when it asks nothing; a URL has none.
  const contentFor = (answer: ApprovalAnswer) => (needs ? contentOf(answer) : isUrl ? null : {})
  const accept = (persist: string | null) => (answer: ApprovalAnswer) =>
    elicited('accept', contentFor(answer) as JsonValue, persist === null ? null : { persist })
  return {
    kind: 'elicitation',
    title: titleOf(`${server}: ${text}${isUrl ? ` ${asText(params.url) ?? ''}` : ''}`),
    reason: asText(params.description),
    offers: [
      made({ id: 'accept', label: 'Accept', effect: 'allow', needs }, accept(null)),
      ...spansOf(params).map((span) => made({ ...SPANS[span], effect: 'allow', needs }, accept(span))),
      fixed({ id: 'decline', label: 'Decline', effect: 'deny' }, elicited('decline', null, null)),
      fixed({ id: 'cancel', label: 'Cancel', effect: 'cancel' }, elicited('cancel', null, null)),
    ],
  }
}

function elicited(
  action: McpServerElicitationAction,
  content: JsonValue,
  _meta: JsonValue,
): McpServerElicitationRequestResponse {
  return { action, content, _meta }
}

const SPANS = {
  session: { id: 'acceptForSession', label: 'Accept for this session', scope: 'session' },
  always: { id: 'acceptAlways', label: 'Always accept', scope: 'always' },
} as const

/** Codex asks for the approval of MCP tools in this way and says in `_meta.persist` how long a yes may last. */
function spansOf(params: Fields): (keyof typeof SPANS)[] {
  const persist = asFields(params._meta)?.persist
  const offered = typeof persist === 'string' ? [persist] : asTexts(persist)
  return (['session', 'always'] as const).filter((span) => offered.includes(span))
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
      made<DynamicToolCallResponse>(
        { id: 'result', label: 'Give its result', effect: 'allow', needs: 'content' },
        (answer) => ({ contentItems: toolContent(contentOf(answer)), success: true }),
      ),
      made<DynamicToolCallResponse>(
        { id: 'fail', label: 'Say that it failed', effect: 'deny' },
        (answer) => ({
          contentItems: toolContent(answer.content ?? 'The user did not run this tool.'),
          success: false,
        }),
      ),
    ],
  }
}

/** Codex's own content items pass; anything else is given to the agent as text. */
function toolContent(content: unknown): DynamicToolCallResponse['contentItems'] {
  const isItems = asList(content).length > 0 && asList(content).every((item) => asText(asFields(item)?.type))
  if (isItems) return content as DynamicToolCallResponse['contentItems']
  return [{ type: 'inputText', text: typeof content === 'string' ? content : JSON.stringify(content) }]
}

/** A request this hub does not know: it is shown as it is, and answered raw or not at all. */
export function askUnknown(method: string, params: Fields): Question {
  return {
    kind: 'other',
    title: titleOf(`Codex asks: ${method}`),
    reason: asText(params.reason) ?? asText(params.message),
    offers: [
      made({ id: 'respond', label: 'Send a response', effect: 'allow', needs: 'content' }, contentOf),
      refusal({ id: 'refuse', label: 'Refuse', effect: 'deny' }, `The user refused ${method}.`),
    ],
  }
}
