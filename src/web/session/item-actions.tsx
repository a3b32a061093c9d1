/** What can be done with one item: copy its text, copy a link to it. Seen where one points or is by keyboard. */
import { useState } from 'react'
import type { Item } from '../../protocol/item.ts'
import { promptText, textOf } from '../format.ts'
import { linkTo } from '../links.ts'
import { changesOf } from './changes.ts'

export function ItemActions({ item, sessionId }: { item: Item; sessionId: string }) {
  const text = textOfItem(item)
  return (
    <div className="item-actions">
      {text !== '' && <CopyButton label="Copy" text={() => text} />}
      <CopyButton label="Link" text={() => linkTo(sessionId, item.id)} />
    </div>
  )
}

export function CopyButton({
  label,
  text,
  className,
}: {
  label: string
  text: () => string
  className?: string
}) {
  const [said, setSaid] = useState(label)
  return (
    <button
      type="button"
      className={className}
      title={label === 'Link' ? 'Copy a link to this item' : 'Copy the text'}
      onClick={() =>
        // Not there where the page came over plain HTTP from another machine.
        Promise.resolve(navigator.clipboard?.writeText(text()) ?? Promise.reject()).then(
          () => setSaid('Copied'),
          () => setSaid('Not allowed'),
        )
      }
      onBlur={() => setSaid(label)}
    >
      {said}
    </button>
  )
}

/** What a person would want of it elsewhere. */
function textOfItem({ type, body }: Item): string {
  switch (type) {
    case 'userMessage':
      return promptText(body.content)
    case 'commandExecution':
      return [textOf(body.command), textOf(body.aggregatedOutput)].filter((text) => text !== '').join('\n')
    case 'fileChange':
      return changesOf(body)
        .map(({ path, unified }) => `--- ${path}\n+++ ${path}\n${unified}`)
        .join('\n')
    case 'reasoning':
      return [body.summary, body.content]
        .flatMap((texts) => (Array.isArray(texts) ? texts : []))
        .map(textOf)
        .join('\n\n')
    default:
      return textOf(body.text) || textOf(body.review)
  }
}
