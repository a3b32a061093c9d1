/** What Codex asks of its model: one request of the Responses API, read into what a script decides by. */
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

interface InputItem {
  readonly type?: string
  readonly role?: string
  readonly content?: readonly { readonly text?: string }[] | string
  readonly output?: unknown
}

/** Read the body of a request. What it does not have is empty. */
export function readModelRequest(body: Record<string, unknown>): ModelRequest {
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
