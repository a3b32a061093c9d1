/**
 * A session as one HTML page that needs nothing else and asks for nothing: no script, no file, no address. What an agent
 * wrote is never HTML here: it is escaped, or made from Markdown by a parser that lets none through.
 */
import MarkdownIt from 'markdown-it'
import { type ExportedItem, type Format, factsOf, turnText } from './format.ts'
import { type Block, sectionOf } from './section.ts'
import { STYLE } from './style.ts'

/** Not even a browser that meets something unforeseen asks the network, or runs it. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
const IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/

const parser = new MarkdownIt({ html: false, linkify: true })
const isWeb = (url: string): boolean => /^(?:https?|mailto):/i.test(url.trim())
parser.validateLink = (url) => isWeb(url) || !/^\s*[a-z][a-z0-9+.-]*:/i.test(url)
// An image by its address would be asked for by whoever opens the page.
parser.renderer.rules.image = (tokens, index) => {
  const token = tokens[index]
  return `[${escapeHtml(`image: ${token?.content || token?.attrGet('src') || ''}`)}]`
}
parser.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  const token = tokens[index]
  if (token && isWeb(String(token.attrGet('href')))) token.attrSet('rel', 'noopener noreferrer')
  else if (token) {
    // A file of the project, which is not here: it reads as its name. Links are never inside each other.
    const close = tokens.slice(index).find(({ type }) => type === 'link_close')
    token.attrs = [['class', 'file']]
    token.tag = 'span'
    if (close) close.tag = 'span'
  }
  return self.renderToken(tokens, index, options)
}

export const htmlFormat: Format = {
  mediaType: 'text/html; charset=utf-8',
  ending: 'html',
  isWhole: false,
  head(heading) {
    const title = escapeHtml(heading.summary.title)
    const rows = factsOf(heading).map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`)
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
<dl>${rows.join('')}</dl>
</header>
`
  },
  turns: () => '',
  items: (items) => items.map(itemHtml).join(''),
  approvals: () => '',
  tail: () => '</main>\n</body>\n</html>\n',
}

function itemHtml({ item, begins }: ExportedItem): string {
  const { role, title, note, blocks } = sectionOf(item)
  const turn =
    begins === null ? '' : `<p class="turn"><span>${escapeHtml(turnText(begins)) || 'Turn'}</span></p>\n`
  const parts = blocks.map(blockHtml).join('\n')
  const id = `item-${item.seq}`
  if (role !== 'work') return `${turn}<article class="${role}" id="${id}">\n${parts}\n</article>\n`
  const head = `<span class="title">${escapeHtml(title)}</span>${note === '' ? '' : ` <span class="note">${escapeHtml(note)}</span>`}`
  if (parts === '') return `${turn}<p class="work" id="${id}">${head}</p>\n`
  return `${turn}<details class="work" id="${id}">\n<summary>${head}</summary>\n${parts}\n</details>\n`
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'markdown':
      return parser.render(block.text).trimEnd()
    case 'text':
      return `<p class="path">${escapeHtml(block.text)}</p>`
    case 'code':
      return `<pre><code>${escapeHtml(block.text)}</code></pre>`
    case 'diff':
      return `<pre class="diff"><code>${block.text.split('\n').map(diffLine).join('\n')}</code></pre>`
    case 'image':
      return IMAGE.test(block.url)
        ? `<img alt="" src="${block.url}">`
        : `<p class="path">${escapeHtml(`[image: ${block.url.slice(0, 300)}]`)}</p>`
  }
}

function diffLine(line: string): string {
  const mark = line.startsWith('@@')
    ? 'at'
    : line.startsWith('+')
      ? 'add'
      : line.startsWith('-')
        ? 'del'
        : null
  return mark === null ? escapeHtml(line) : `<span class="${mark}">${escapeHtml(line)}</span>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
