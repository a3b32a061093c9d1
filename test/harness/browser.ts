/**
 * A real Chromium with nothing installed by hand: it lies compressed in the npm package @sparticuz/chromium (Linux on
 * x64), with the libraries and a font that bare machines lack. It is unpacked once, beside the packages. Elsewhere, or
 * with `CODEX_HUB_TEST_CHROME=/path/to/chrome`, an installed Chrome is used. Every page a test opens is watched: what it
 * logs as an error, what its policy forbids, what it asks of anybody but its hub and what it asks for in vain.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Browser, type BrowserContext, chromium, type LaunchOptions, type Page } from 'playwright-core'

export interface WatchedPage {
  readonly page: Page
  readonly context: BrowserContext
  /** Empty when all is well. */
  readonly faults: string[]
  /** While the hub is away, requests to it may fail. */
  isHubAway: boolean
}

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url))
const PACKAGE = join(MODULES, '@sparticuz', 'chromium')

/** The package's font, for machines that have none; theirs where a machine has more. */
const fontsConf = (folder: string): string => `<?xml version="1.0"?>
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
`

/** @throws Error with what to install or set, where no browser can be started */
export async function openBrowser(args: readonly string[] = []): Promise<Browser> {
  const options = await whichBrowser()
  try {
    return await chromium.launch({ ...options, args: [...(options.args ?? []), ...args] })
  } catch (error) {
    throw new Error(
      `No Chromium could be started for the tests of the page: ${(error as Error).message}\n` +
        'Name an installed Chrome or Chromium with CODEX_HUB_TEST_CHROME=/path/to/chrome.',
      { cause: error },
    )
  }
}

async function whichBrowser(): Promise<LaunchOptions> {
  const named = process.env.CODEX_HUB_TEST_CHROME
  if (named) return { executablePath: named }
  if (process.platform !== 'linux' || process.arch !== 'x64') return { channel: 'chrome' }
  const folder = await unpack()
  return {
    executablePath: join(folder, 'chromium'),
    // Sandboxes of browsers need rights that containers do not give; only pages of our own are opened.
    chromiumSandbox: false,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    } as Record<string, string>,
  }
}

/** @returns the folder with the browser, whole: it appears under its name in one step, whoever unpacks at once */
async function unpack(): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string }
  const folder = join(MODULES, '.cache', `codex-hub-chromium-${version}`)
  if (existsSync(folder)) return folder
  mkdirSync(dirname(folder), { recursive: true })
  const place = mkdtempSync(`${folder}-`)
  try {
    // The package unpacks into the system's temp folder and trusts what lies there; told so, that is our own.
    const inflate = `import { inflate } from ${JSON.stringify(join(PACKAGE, 'build', 'lambdafs.js'))}
for (const name of ['chromium.br', 'al2023.tar.br', 'fonts.tar.br']) await inflate(${JSON.stringify(join(PACKAGE, 'bin'))} + '/' + name)`
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', inflate], {
      env: { ...process.env, TMPDIR: place },
    })
    writeFileSync(join(place, 'fonts.conf'), fontsConf(folder))
    renameSync(place, folder)
  } catch (error) {
    rmSync(place, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}

export async function openPage(
  browser: Browser,
  link: string,
  viewport = { width: 1_280, height: 800 },
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  const faults: string[] = []
  const watched: WatchedPage = { page, context, faults, isHubAway: false }
  const { origin } = new URL(link)
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    // That a socket or a file cannot be had while the hub is away is said by the browser itself.
    if (watched.isHubAway && /WebSocket connection to|Failed to load resource/.test(text)) return
    if (message.type() === 'error' || /Content Security Policy/i.test(text)) faults.push(`console: ${text}`)
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol.startsWith('http') && url.origin !== origin) faults.push(`asked ${url.origin}`)
  })
  page.on('requestfailed', (request) => {
    if (!watched.isHubAway)
      faults.push(`failed: ${request.url().slice(0, 100)} ${request.failure()?.errorText ?? ''}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400 && !watched.isHubAway)
      faults.push(`${response.status()}: ${response.url().slice(0, 100)}`)
  })
  await page.goto(link)
  return watched
}
