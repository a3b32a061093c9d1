/** What a reader is shown of one item, in any format: who speaks, a line that says what it is, and its parts. Pure. */
import type { Item } from '../../protocol/item.ts'

export type Block =
  | { readonly kind: 'markdown'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'diff'; readonly text: string }
  | { readonly kind: 'image'; readonly url: string }

export interface Section {
  readonly role: 'prompt' | 'answer' | 'work'
  /** One line: `$ npm test`, `src/a.ts`, `Thinking`. Empty for what was said. */
  readonly title: string
  /** Beside it: how it ended, how long it took. */
  readonly note: string
  readonly blocks: readonly Block[]
}

/** Of a longer text head and tail are shown; the JSON export has all of it. UTF-16 units. */
const SHOWN_UNITS = 200_000
const TITLE_UNITS = 300

type Body = Readonly<Record<string, unknown>>

export function sectionOf({ type, status, body }: Item): Section {
  switch (type) {
    case 'userMessage':
      return { role: 'prompt', title: '', note: '', blocks: list(body.content).flatMap(inputBlock) }
    case 'agentMessage':
      return { role: 'answer', title: '', note: '', blocks: [markdown(text(body.text))] }
    case 'reasoning': {
      const parts = [...list(body.summary), ...list(body.content)].filter((part) => typeof part === 'string')
      return work('Thinking', status, parts.length === 0 ? [] : [markdown(parts.join('\n\n'))])
    }
    case 'commandExecution':
      return {
        ...work(`$ ${commandOf(body.command)}`, status, commandBlocks(body)),
        note: commandNote(body, status),
      }
    case 'fileChange':
      return work(
        list(body.changes).map(pathOf).join(', ') || 'Files',
        status,
        list(body.changes).flatMap(changeBlocks),
      )
    case 'mcpToolCall':
      return work(`${text(body.server)}.${text(body.tool)}`, status, [
        ...json(body.arguments),
        ...json(body.result ?? body.error),
      ])
    case 'webSearch':
      return work(`Searched the web: ${text(body.query)}`, status, [])
    case 'plan':
      return work('Plan', status, [markdown(text(body.text))])
    case 'contextCompaction':
      return work('The context was compacted', status, [])
    case 'enteredReviewMode':
    case 'exitedReviewMode':
      return work(type === 'enteredReviewMode' ? 'Review' : 'End of the review', status, [
        markdown(text(body.review)),
      ])
    default:
      return work(type, status, json(body))
  }
}

function work(title: string, status: string, blocks: readonly Block[]): Section {
  const line = title.replace(/\s+/g, ' ').trim()
  return {
    role: 'work',
    title: line.length > TITLE_UNITS ? `${line.slice(0, TITLE_UNITS)}…` : line,
    note: status === 'completed' ? '' : status,
    blocks: blocks.filter((block) => block.kind === 'image' || block.text.trim() !== ''),
  }
}

function inputBlock(part: unknown): Block[] {
  const { type, text: said, url, path, name } = fields(part)
  if (type === 'text') return [markdown(text(said))]
  if (type === 'image') return [{ kind: 'image', url: text(url) }]
  if (type === 'localImage') return [{ kind: 'text', text: `[image: ${text(path)}]` }]
  return [{ kind: 'text', text: `[${text(type)}: ${text(name)} ${text(path)}]` }]
}

function commandBlocks(body: Body): Block[] {
  const command = commandOf(body.command)
  const blocks: Block[] = []
  if (command.includes('\n') || command.length > TITLE_UNITS) blocks.push(code('sh', command))
  const output = text(body.aggregatedOutput)
  if (output !== '') blocks.push(code('', output))
  return blocks
}

function commandNote({ exitCode, durationMs }: Body, status: string): string {
  const parts = [
    typeof exitCode === 'number' ? `exit ${exitCode}` : status === 'completed' ? '' : status,
    typeof durationMs === 'number' ? durationOf(durationMs) : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}

/** Older releases give the words of a command, newer ones its line. */
function commandOf(command: unknown): string {
  return typeof command === 'string' ? command : list(command).map(text).join(' ')
}

/** The path is the title already where only one file was changed. */
function changeBlocks(change: unknown, _index: number, all: readonly unknown[]): Block[] {
  const diff = text(fields(change).diff)
  const heading: Block[] = all.length > 1 ? [{ kind: 'text', text: pathOf(change) }] : []
  return diff === '' ? heading : [...heading, { kind: 'diff', text: cut(diff) }]
}

const pathOf = (change: unknown): string => text(fields(change).path)

function json(value: unknown): Block[] {
  if (value === undefined || value === null) return []
  return [code('json', JSON.stringify(value, null, 2))]
}

const markdown = (said: string): Block => ({ kind: 'markdown', text: cut(said) })
const code = (language: string, said: string): Block => ({ kind: 'code', language, text: cut(said) })

function cut(said: string): string {
  if (said.length <= SHOWN_UNITS) return said
  const [head, tail] = [said.slice(0, SHOWN_UNITS / 2), said.slice(-SHOWN_UNITS / 2)]
  return `${head}\n\n[… ${said.length - SHOWN_UNITS} characters are left out; the JSON export has them …]\n\n${tail}`.toWellFormed()
}

function durationOf(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const fields = (value: unknown): Body => (typeof value === 'object' && value !== null ? (value as Body) : {})
