/** Markdown as React elements: nothing of it is ever taken for HTML, and nothing is loaded from elsewhere. */
import Markdown from 'markdown-to-jsx/react'
import { memo, type ReactNode } from 'react'

const OPTIONS = {
  disableParsingRawHTML: true,
  forceBlock: true,
  overrides: {
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

export const Prose = memo(function Prose({ text }: { text: string }) {
  return <Markdown options={OPTIONS}>{text}</Markdown>
})
