/**
 * Code in an answer: coloured once its language is known, with a button that copies it. What colours it is loaded with
 * the first code that is seen, and makes elements, never HTML.
 */
import { Fragment, isValidElement, memo, type ReactNode, useDeferredValue, useEffect, useState } from 'react'
import { CopyButton } from './item-actions.tsx'

type Lowlight = typeof import('./lowlight.ts').lowlight
type Tree = ReturnType<Lowlight['highlight']>
type Leaf = Tree['children'][number]

/** Longer code stays plain: colouring takes about 10 ms for so much of it. */
const MOST_COLOURED = 20_000

let loaded: Lowlight | null = null
let loading: Promise<void> | null = null

function useLowlight(isWanted: boolean): Lowlight | null {
  const [known, setKnown] = useState(loaded)
  useEffect(() => {
    if (!isWanted || known) return
    loading ??= import('./lowlight.ts').then(({ lowlight }) => {
      loaded = lowlight
    })
    let isGone = false
    loading.then(
      () => {
        if (!isGone) setKnown(loaded)
      },
      // Plain code is readable, too.
      () => {},
    )
    return () => {
      isGone = true
    }
  }, [isWanted, known])
  return known
}

/** What markdown makes of fenced code: `<pre><code class="lang-ts">`. */
export function CodeBlock({ children }: { children?: ReactNode }) {
  const code = isValidElement<{ className?: string; children?: ReactNode }>(children) ? children.props : null
  const text = typeof code?.children === 'string' ? code.children : null
  if (text === null) return <pre>{children}</pre>
  return <Code text={text} language={/\blang(?:uage)?-([\w+#-]+)/.exec(code?.className ?? '')?.[1] ?? null} />
}

const Code = memo(function Code({ text, language }: { text: string; language: string | null }) {
  // Code that is still being written is coloured when there is time for it.
  const settled = useDeferredValue(text)
  const lowlight = useLowlight(language !== null)
  const isKnown =
    language !== null && lowlight?.registered(language) === true && settled.length <= MOST_COLOURED
  return (
    <div className="code">
      <CopyButton label="Copy" className="copy" text={() => text} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>
          {isKnown && lowlight ? <Coloured nodes={lowlight.highlight(language, settled).children} /> : text}
        </code>
      </pre>
    </div>
  )
})

function Coloured({ nodes }: { nodes: readonly Leaf[] }): ReactNode {
  return nodes.map((node, index) => {
    // biome-ignore-start lint/suspicious/noArrayIndexKey: parts of code have nothing but their place
    if (node.type === 'text') return <Fragment key={index}>{node.value}</Fragment>
    if (node.type !== 'element') return null
    const names = node.properties.className
    return (
      <span key={index} className={Array.isArray(names) ? names.join(' ') : ''}>
        <Coloured nodes={node.children as Leaf[]} />
      </span>
    )
    // biome-ignore-end lint/suspicious/noArrayIndexKey: until here
  })
}
