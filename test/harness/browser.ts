/**
 * A real Chromium, shipped inside an npm package, so that no test needs anything installed. `CODEX_HUB_TEST_CHROME` names
 * another one. Every page a test opens is watched: what it logs as an error, and what it asks of anybody but its hub.
 */
import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContext, type Page, chromium as playwright } from 'playwright-core'

export interface WatchedPage {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of the page, its console and its policy, and requests to other hosts. Empty when all is well. */
  readonly faults: string[]
}

export async function openBrowser(): Promise<Browser> {
  const own = process.env.CODEX_HUB_TEST_CHROME
  return playwright.launch({
    executablePath: own ?? (await chromium.executablePath()),
    // In a single process the end of one context is the end of all.
    args: [...(own ? [] : chromium.args.filter((arg) => arg !== '--single-process')), '--no-sandbox'],
    headless: true,
  })
}

export async function openPage(
  browser: Browser,
  link: string,
  viewport = { width: 1_280, height: 800 },
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  const faults: string[] = []
  const { origin } = new URL(link)
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // A socket that cannot be opened while the hub is away is said by the browser itself.
    if (message.type() === 'error' && !message.text().includes('WebSocket connection to'))
      faults.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol.startsWith('http') && url.origin !== origin) faults.push(`asked ${url.origin}`)
  })
  await page.goto(link)
  return { page, context, faults }
}
