/**
 * Markdown as React elements: nothing of it is ever taken for HTML, and nothing is loaded from elsewhere. A text is
 * read block by block, so that an answer that grows word by word is not read again from its start for each of them.
 */
import Markdown from 'markdown-to-jsx/react'
import { memo, type ReactNode } from 'react'
import { CodeBlock } from './code.tsx'

const OPTIONS = {
  disableParsingRawHTML: true,
  forceBlock: true,
  overrides: {
    pre: { component: CodeBlock },
    // As wide as it has to be, in a frame as wide as the conversation.
    table: { component: Table },
    // What an agent writes must not make this page ask another server for anything.
    img: { component: ({ alt, src }: { alt?: string; src?: string }) => <em>[image: {alt || src}]</em> },
    a: {
      component: ({ children, href }: { children?: ReactNode; href?: string }) => (
        <a href={href} target="_blank" rel="noreferrer noopener">
          {children}
        </a>
      ),
    },
  },
} as const

function Table({ children }: { children?: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <div className="table" tabIndex={0}>
      <table>{children}</table>
    </div>
  )
}

export const Prose = memo(function Prose({ text }: { text: string }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: a block is known by its place; only the last one changes
  return blocksOf(text).map((block, index) => <Block key={index} text={block} />)
})

const Block = memo(function Block({ text }: { text: string }) {
  return <Markdown options={OPTIONS}>{text}</Markdown>
})

/**
 * Cut at blank lines where nothing can reach across: not in fenced code, and not before a line that may go on with a
 * list. A text with link definitions is one block, since they count for all of it.
 */
export function blocksOf(text: string): string[] {
  if (/^ {0,3}\[[^\]]+\]:/m.test(text)) return [text]
  const blocks: string[] = []
  let block: string[] = []
  let fence: string | null = null
  let isAfterBlank = false
  for (const line of text.split('\n')) {
    if (isAfterBlank && fence === null && /^[^\s\-*+\d>|]/.test(line)) {
      blocks.push(block.join('\n'))
      block = []
    }
    const mark = /^\s*(`{3,}|~{3,})(.*)$/.exec(line)
    if (mark?.[1] !== undefined) {
      if (fence === null) fence = mark[1]
      else if (mark[1].startsWith(fence) && mark[2]?.trim() === '') fence = null
    }
    isAfterBlank = line.trim() === ''
    block.push(line)
  }
  blocks.push(block.join('\n'))
  return blocks
}
