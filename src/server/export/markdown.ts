/** A session as Markdown: what was said as it was said, what was done folded in `<details>`. */
import { type ExportedItem, type Format, factsOf, turnText } from './format.ts'
import { type Block, sectionOf } from './section.ts'

export const markdownFormat: Format = {
  mediaType: 'text/markdown; charset=utf-8',
  ending: 'md',
  isWhole: false,
  head(heading) {
    const rows = factsOf(heading).map(([name, value]) => `- ${name}: ${inCode(value)}`)
    return `# ${oneLine(heading.summary.title)}\n\n${rows.join('\n')}\n`
  },
  turns: () => '',
  items: (items) => items.map(itemText).join(''),
  approvals: () => '',
  tail: () => '',
}

function itemText({ item, begins }: ExportedItem): string {
  const { role, title, note, blocks } = sectionOf(item)
  const turn = begins === null ? '' : `\n---\n\n*${oneLine(turnText(begins)) || 'Turn'}*\n`
  const parts = blocks.map(blockText).join('\n\n')
  if (role === 'prompt') return `${turn}\n## Prompt\n\n${parts}\n`
  if (role === 'answer') return `${turn}\n### Answer\n\n${parts}\n`
  const head = `${escapeHtml(title)}${note === '' ? '' : ` (${escapeHtml(note)})`}`
  if (parts === '') return `${turn}\n- ${head}\n`
  return `${turn}\n<details>\n<summary>${head}</summary>\n\n${parts}\n\n</details>\n`
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'markdown':
      return block.text
    case 'text':
      return inCode(block.text)
    case 'code':
      return fenced(block.language, block.text)
    case 'diff':
      return fenced('diff', block.text)
    case 'image':
      return /^https?:/i.test(block.url)
        ? `[image](<${block.url.replace(/[<>\s]/g, encodeURIComponent)}>)`
        : '*(an image)*'
  }
}

/** In a fence longer than any that is in it. */
function fenced(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`
}

function inCode(text: string): string {
  const ticks = '`'.repeat(longestRun(text) + 1)
  const space = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
  return `${ticks}${space}${oneLine(text)}${space}${ticks}`
}

function longestRun(text: string): number {
  let longest = 0
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length)
  return longest
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const escapeHtml = (text: string): string =>
  text.replace(/[&<>]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[letter] ?? letter)
