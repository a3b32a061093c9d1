/** Things longer than anybody expects, on the smallest screen and on larger ones. No Codex is needed for them. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { Summary } from '../../src/protocol/summary.ts'
import type { RunningHub } from '../../src/server/hub-options.ts'
import { openBrowser, openPage, type WatchedPage } from '../harness/browser.ts'
import { itemOf, sessionOf, turnOf } from '../harness/stored.ts'
import { fillStore, startPageHub, takeAway } from './page-hub.ts'

const COMMAND = `cat ${'src/some/deep/folder/with-a-file.ts '.repeat(12)}&& rm -rf ${'x'.repeat(80)}`
const FOLDER = `/home/me/${'a-rather-long-folder/'.repeat(9)}shop`
const TITLE = `Why does ${'a_word_that_does_not_break_'.repeat(4)} ${'fail, and go on failing, '.repeat(8)}`
const TABLE = [
  Array.from({ length: 20 }, (_, index) => `column-${index}`),
  Array(20).fill('---'),
  Array.from({ length: 20 }, (_, index) => `value-${index}`),
]
  .map((cells) => `| ${cells.join(' | ')} |`)
  .join('\n')
const PROSE = `${TABLE}\n\n## ${'H'.repeat(120)}\n\n${'w'.repeat(300)} \`${'inline'.repeat(60)}\`\n
https://example.com/${'u'.repeat(200)}\n\n\`\`\`\n${'c'.repeat(500)}\n\`\`\`\n\n> ${'q'.repeat(300)}\n
مرحبا بالعالم\n\n- שלום עולם\n`

const ITEMS = [
  { type: 'userMessage', body: { content: [{ type: 'text', text: `${'x'.repeat(400)}\nمرحبا 👩‍👩‍👧‍👦` }] } },
  {
    type: 'commandExecution',
    body: { command: COMMAND, cwd: FOLDER, exitCode: 1, aggregatedOutput: `${'z'.repeat(900)}\n` },
  },
  { type: 'agentMessage', body: { text: PROSE } },
  {
    type: 'fileChange',
    body: {
      changes: [
        {
          path: `${FOLDER}/src/${'deep/'.repeat(20)}a.ts`,
          kind: { type: 'update', move_path: null },
          diff: `@@ -1 +1 @@\n-${'m'.repeat(5_000)}\n+${'n'.repeat(5_000)}\n`,
        },
      ],
    },
  },
  { type: 'mcpToolCall', body: { server: 's'.repeat(60), tool: 't'.repeat(100), arguments: {} } },
  { type: 'webSearch', body: { query: 'q'.repeat(300) } },
]

const counts = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, reasoningOutputTokens: 0 }
const tokens = {
  total: { totalTokens: 1_234_567, ...counts },
  last: { totalTokens: 123_456, ...counts },
  contextWindow: 258_000,
}

let root: string
let hub: RunningHub
let browser: Browser
let watched: WatchedPage

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'long-'))
  const full: Partial<Summary> = {
    title: TITLE,
    titleSource: 'name',
    cwd: FOLDER,
    git: { branch: 'feature/the-cart-is-off-by-a-cent', repository: null, root: null, sha: null },
    settings: {
      model: 'gpt-5.5-codex',
      modelProvider: null,
      effort: 'high',
      approvalPolicy: 'on-request',
      sandbox: null,
    },
    tokens,
    unread: 3,
    rateLimits: null,
  }
  await fillStore(
    root,
    { kind: 'session', session: sessionOf('ses_full', full) },
    { kind: 'session', session: sessionOf('ses_row', full) },
    {
      kind: 'session',
      session: sessionOf('ses_rtl', { ...full, title: 'مرحبا بالعالم', cwd: '/home/me/متجر' }),
    },
    { kind: 'turn', sessionId: 'ses_full', turn: turnOf(1) },
    ...ITEMS.map((of, seq) => ({ kind: 'item' as const, sessionId: 'ses_full', item: itemOf(seq, of) })),
  )
  hub = await startPageHub(root, 0)
  browser = await openBrowser()
  watched = await openPage(browser, `${hub.url}/#token=${hub.token}`)
  await watched.page.waitForSelector('[data-session=ses_full]')
})
afterAll(() => takeAway(root, hub, browser))
afterEach(() => {
  expect(watched.faults.splice(0)).toEqual([])
})

/** What reaches past the right edge, and lies in nothing that scrolls or cuts. */
const tooWide = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const isHeld = (element: Element): boolean => {
      for (let each = element.parentElement; each && each !== document.body; each = each.parentElement)
        if (
          getComputedStyle(each).overflowX !== 'visible' &&
          each.getBoundingClientRect().right <= innerWidth
        )
          return true
      return false
    }
    return [...document.querySelectorAll('.app *')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !isHeld(element))
      .map(({ tagName, className }) => `${tagName}.${className}`)
  })

it.each([360, 768, 1_440])(
  '[PAG113] nothing is wider than a screen of %i pixels, however long a command, title, path, table, line or word is',
  async (width) => {
    const { page } = watched
    await page.setViewportSize({ width, height: 800 })
    await page.goto(`${hub.url}/#session=ses_full`)
    await page.waitForSelector('.item.webSearch')
    await page.focus('.timeline')
    const found: string[] = []
    for (let top = 0; top < 4_000; top += 400) {
      await page.evaluate((at) => {
        const timeline = document.querySelector('.timeline')
        if (timeline) timeline.scrollTop = at
      }, top)
      await page.evaluate(
        () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
      )
      found.push(...(await tooWide(page)))
    }
    expect(found).toEqual([])
    if (width < 1_150) await page.click('[aria-label=Details]')
    await page.click('#tab-session')
    await page.waitForSelector(`.panel dd:has-text("${FOLDER}")`)
    expect(await tooWide(page)).toEqual([])
    await page.goto(`${hub.url}/#`)
  },
)

it('[PAG113] a wide table is scrolled with its words whole, a state is never broken, and what is read from the right begins there', async () => {
  const { page } = watched
  await page.setViewportSize({ width: 360, height: 800 })
  await page.goto(`${hub.url}/#session=ses_full`)
  await page.evaluate(() => document.querySelector('.item.agentMessage')?.scrollIntoView())
  await page.waitForSelector('.item.agentMessage .table')
  const seen = await page.evaluate(() => {
    const lines = (selector: string): number => {
      const range = document.createRange()
      range.selectNodeContents(document.querySelector(selector) as Element)
      return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size
    }
    const table = document.querySelector('.item .table') as HTMLElement
    const paragraph = [...document.querySelectorAll('.item p')].find(
      (each) => each.textContent === 'مرحبا بالعالم',
    )
    const range = document.createRange()
    range.selectNodeContents(paragraph as Element)
    return {
      scrolls: table.scrollWidth > table.clientWidth,
      isReachable: table.tabIndex === 0,
      cell: lines('.item td'),
      state: lines('.command > summary span'),
      fromRight: Math.round(
        (paragraph?.getBoundingClientRect().right ?? 0) - range.getBoundingClientRect().right,
      ),
    }
  })
  expect(seen).toEqual({ scrolls: true, isReachable: true, cell: 1, state: 1, fromRight: 0 })
  await page.goto(`${hub.url}/#`)
  const direction = (id: string) =>
    page.evaluate(
      (of) => getComputedStyle(document.querySelector(`[data-session=${of}] .title`) as Element).direction,
      id,
    )
  expect([await direction('ses_full'), await direction('ses_rtl')]).toEqual(['ltr', 'rtl'])
})

it('[PAG112] what does not fit into a row is left out from its end, and nothing overlaps; tooltips and the facts of the session have all of it', async () => {
  const { page } = watched
  const all = ['dormant', '3 new', 'gpt-5.5-codex', 'feature/the-cart-is-off-by-a-cent', '1.2M tokens']
  const left: Record<number, number> = {}
  for (const width of [360, 600, 1_440]) {
    await page.setViewportSize({ width, height: 800 })
    await page.goto(`${hub.url}/#`)
    await page.waitForSelector('[data-session=ses_row]')
    const { shown, isTidy } = await page.evaluate(() => {
      const sub = document.querySelector('[data-session=ses_row] .sub') as HTMLElement
      const { bottom, right } = sub.getBoundingClientRect()
      const seen = [...sub.children].filter((each) => each.getBoundingClientRect().top < bottom)
      const edges = seen.flatMap((each) => [
        each.getBoundingClientRect().left,
        each.getBoundingClientRect().right,
      ])
      return {
        shown: seen.map(({ textContent }) => textContent),
        isTidy: [...edges, right].every((edge, index, list) => index === 0 || edge >= (list[index - 1] ?? 0)),
      }
    })
    expect(isTidy).toBe(true)
    expect(shown).toEqual(all.slice(0, shown.length))
    left[width] = all.length - shown.length
  }
  expect(left).toEqual({ 360: 1, 600: 0, 1440: 0 })
  const row = page.locator('[data-session=ses_row]')
  expect(await row.locator('.title').getAttribute('title')).toBe(TITLE)
  expect(await row.locator('.sub').getAttribute('title')).toBe(
    'dormant · 3 new · gpt-5.5-codex · feature/the-cart-is-off-by-a-cent · 1.2M tokens',
  )
  await row.click()
  await page.click('#tab-session')
  const facts = await page.textContent('.panel .body')
  for (const fact of [TITLE, FOLDER, ...all.slice(2)]) expect(facts).toContain(fact)
})
