/** One item of a session, by its type; one of an unknown type is shown as it is. */
import { memo, useState } from 'react'
import type { Item } from '../../protocol/item.ts'
import type { Summary } from '../../protocol/summary.ts'
import { Boundary } from '../boundary.tsx'
import { DiffView } from '../diff/diff-view.tsx'
import { count, pathWithin, promptText, textOf } from '../format.ts'
import { says, useHub } from '../hub.ts'
import { changesOf } from './changes.ts'
import { ItemActions } from './item-actions.tsx'
import { Prose } from './markdown.tsx'
import { AgentActivity, AgentCall } from './sub-agents.tsx'
import { webWords } from './web-words.ts'

interface Props {
  readonly item: Item
  readonly sessionId: string
  /** The session's folder; paths in it are shown from there. */
  readonly cwd: string
  /** It waits for a decision. */
  readonly isAsked?: boolean
}

export const ItemView = memo(function ItemView({ item, sessionId, cwd, isAsked = false }: Props) {
  const body = item.body
  return (
    <article className={`item ${item.type} ${item.status}`} id={`item-${item.id}`} tabIndex={-1}>
      <ItemActions item={item} sessionId={sessionId} />
      <Boundary of={item} fallback={() => <Tool name={item.type} value={body} status={item.status} />}>
        <Content item={item} cwd={cwd} isAsked={isAsked} />
      </Boundary>
      {item.hole && (
        <p className="quiet">
          Some of this text was streamed while the hub was away
          {item.status === 'inProgress' ? '; the whole comes at its end.' : ', and the whole never came.'}
        </p>
      )}
      {item.cut &&
        Object.entries(item.cut).map(([field, total]) => (
          <Rest key={field} sessionId={sessionId} itemId={item.id} field={field} total={total} />
        ))}
      {item.status === 'interrupted' && item.type !== 'userMessage' && <p className="quiet">interrupted</p>}
      {item.status === 'failed' && textOf(body.error) !== '' && (
        <p className="problem">{textOf(body.error)}</p>
      )}
    </article>
  )
})

function showItem(item: Item, { id, cwd }: Summary) {
  return <ItemView item={item} sessionId={id} cwd={cwd} />
}

interface ContentProps {
  readonly item: Item
  readonly cwd: string
  readonly isAsked: boolean
}

function Content({ item: { type, body, status }, cwd, isAsked }: ContentProps) {
  switch (type) {
    case 'userMessage':
      return <Prompt content={body.content} />
    case 'agentMessage':
      return <Prose text={textOf(body.text)} />
    case 'plan':
      return (
        <div className="plan">
          <b>Plan</b>
          <Prose text={textOf(body.text)} />
          <Answered answered={body.answered} />
        </div>
      )
    case 'reasoning':
      return <Reasoning body={body} isOpen={status === 'inProgress'} />
    case 'commandExecution':
      return <Command body={body} status={status} isAsked={isAsked} />
    case 'fileChange':
      return <Changes body={body} cwd={cwd} />
    case 'mcpToolCall':
      return (
        <Tool
          name={`${textOf(body.server)} · ${textOf(body.tool)}`}
          value={{ arguments: body.arguments, result: body.result, error: body.error }}
          status={status}
        />
      )
    case 'collabAgentToolCall':
      return <AgentCall body={body} status={status} show={showItem} />
    case 'subAgentActivity':
      return <AgentActivity body={body} show={showItem} />
    case 'dynamicToolCall':
      return <Tool name={textOf(body.tool) || type} value={body} status={status} />
    case 'webSearch':
      return <p className="mark">{webWords(body)}</p>
    case 'contextCompaction':
      return <p className="mark">The context was compacted</p>
    case 'enteredReviewMode':
      return <p className="mark">Review: {textOf(body.review)}</p>
    case 'exitedReviewMode':
      return <Prose text={textOf(body.review)} />
    default:
      return <Tool name={type} value={body} status={status} />
  }
}

/** What became of a proposed plan, and by whom. */
function Answered({ answered }: { answered: unknown }) {
  const { decision, by } = (answered ?? {}) as { decision?: string; by?: { name?: string } }
  if (decision === undefined) return null
  return (
    <p className="quiet answered">
      {decision === 'accept' ? 'Accepted' : 'Sent back'} by {by?.name ?? 'somebody'}
    </p>
  )
}

/** Pictures that came with it are shown; those that lie on the hub's disk are named. */
function Prompt({ content }: { content: unknown }) {
  const parts = Array.isArray(content) ? (content as { type?: string; url?: string; name?: string }[]) : []
  const images = parts.flatMap(({ type, url }) =>
    type === 'image' && typeof url === 'string' && url.startsWith('data:image/') ? [url] : [],
  )
  return (
    <div className="prompt">
      {promptText(parts.filter(({ type, url }) => type !== 'image' || !url?.startsWith('data:image/')))}
      {images.map((url, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one picture may be there twice
        <img key={index} src={url} alt="attached" />
      ))}
    </div>
  )
}

function Reasoning({ body, isOpen }: { body: Item['body']; isOpen: boolean }) {
  const texts = [body.summary, body.content].flatMap((each) => (Array.isArray(each) ? each : [])).map(textOf)
  const text = texts.join('\n\n')
  if (text.trim() === '') return isOpen ? <p className="quiet">Thinking…</p> : null
  return (
    <details className="reasoning" open={isOpen}>
      <summary>{isOpen ? 'Thinking…' : 'Thought'}</summary>
      <Prose text={text} />
    </details>
  )
}

interface CommandProps {
  readonly body: Item['body']
  readonly status: Item['status']
  readonly isAsked: boolean
}

function Command({ body, status, isAsked }: CommandProps) {
  const output = textOf(body.aggregatedOutput)
  const code = typeof body.exitCode === 'number' ? body.exitCode : null
  const runs = isAsked ? 'waits for you' : 'running…'
  return (
    <details className="command" open={status === 'inProgress' || (code !== null && code !== 0)}>
      <summary>
        <code>{textOf(body.command)}</code>
        <span className={status === 'inProgress' || code === 0 ? 'ok' : 'bad'}>
          {status === 'inProgress'
            ? runs
            : status === 'declined'
              ? 'declined'
              : code === null
                ? status
                : `exit ${code}`}
        </span>
      </summary>
      {output !== '' && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
        <pre className="output" tabIndex={0}>
          {output}
        </pre>
      )}
    </details>
  )
}

/** What a patch does, file by file. */
export function Changes({ body, cwd }: { body: Item['body']; cwd: string }) {
  return changesOf(body).map(({ path, unified }) => (
    <DiffView key={path} unified={unified} name={pathWithin(cwd, path)} />
  ))
}

function Tool({ name, value, status }: { name: string; value: unknown; status: Item['status'] }) {
  return (
    <details className="tool">
      <summary>
        <code>{name}</code> <span>{status === 'inProgress' ? 'running…' : status}</span>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <pre className="output" tabIndex={0}>
        {JSON.stringify(value, null, 2)}
      </pre>
    </details>
  )
}

interface RestProps {
  readonly sessionId: string
  readonly itemId: string
  readonly field: string
  readonly total: number
}

/** A text too long to be sent along, read when somebody wants it. */
function Rest({ sessionId, itemId, field, total }: RestProps) {
  const hub = useHub()
  const [text, setText] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  if (text !== null) return <pre className="output whole">{text}</pre>
  return (
    <p className="quiet">
      {problem ?? `Shown in part: ${count(total)} characters in all.`}{' '}
      <button
        type="button"
        onClick={() =>
          hub.request('item/read', { sessionId, itemId, field, length: 1_000_000 }).then(
            (result) => setText(result.text ?? ''),
            (error) => setProblem(says(error)),
          )
        }
      >
        Show more
      </button>
    </p>
  )
}
