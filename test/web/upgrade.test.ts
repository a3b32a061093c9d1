/** A page that is open while its hub becomes another version. The hub in between is this one, behind a socket that speaks otherwise. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ERRORS } from '../../src/protocol/errors.ts'
import type { RunningHub } from '../../src/server/hub-options.ts'
import { openBrowser, openPage, type WatchedPage } from '../harness/browser.ts'
import { itemOf, sessionOf, turnOf } from '../harness/stored.ts'
import { BUILT, fillStore, startPageHub, takeAway } from './page-hub.ts'

/** As it stands in the compiled page. */
const SPOKEN = 'protocolVersion:1'

let root: string
let browser: Browser
let hub: RunningHub
let watched: WatchedPage
/** What the hub behind the socket speaks. */
let speaks = 1

/** The page of a hub that speaks version 2. Its files have names of their own, as other content has. */
function pageOfNext(): string {
  const folder = mkdtempSync(join(root, 'web-'))
  cpSync(BUILT, folder, { recursive: true })
  const scripts = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'))
  let spoken = 0
  for (const file of ['index.html', ...scripts.map((name) => `assets/${name}`)]) {
    const before = readFileSync(join(folder, file), 'utf8')
    spoken += before.split(SPOKEN).length - 1
    const renamed = scripts.reduce((text, name) => text.replaceAll(name, `next-${name}`), before)
    for (const ending of ['', '.br', '.gz']) rmSync(join(folder, `${file}${ending}`), { force: true })
    writeFileSync(
      join(folder, file.replace('assets/', 'assets/next-')),
      renamed
        .replace(SPOKEN, 'protocolVersion:2')
        .replace('<html lang="en"', '<html lang="en" data-page="next"'),
    )
  }
  expect(spoken).toBe(1)
  return folder
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'upgrade-'))
  await fillStore(
    root,
    { kind: 'session', session: sessionOf('ses_kept') },
    { kind: 'turn', sessionId: 'ses_kept', turn: turnOf(1) },
    {
      kind: 'item',
      sessionId: 'ses_kept',
      item: itemOf(0, { type: 'agentMessage', body: { text: 'Here.' } }),
    },
  )
  hub = await startPageHub(root, 0)
  browser = await openBrowser()
  watched = await openPage(browser, `${hub.url}/#token=${hub.token}`)
  const { page, context } = watched
  await page.waitForSelector('.connection.live')
  await context.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer()
    socket.onMessage((message) => {
      const text = String(message)
      const asked = /"protocolVersion":(\d+)/.exec(text)?.[1]
      if (asked === undefined || Number(asked) === speaks) {
        server.send(text.replace(/"protocolVersion":\d+/, '"protocolVersion":1'))
        return
      }
      const { id } = JSON.parse(text) as { id: number }
      const { code } = ERRORS.unsupportedVersion
      const error = { code, message: `This hub speaks protocol version ${speaks}, not ${asked}.` }
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, error: { ...error, data: {} } }))
    })
  })
  // From here on its socket goes through there.
  await page.reload()
  await page.waitForSelector('.connection.live')
})
afterAll(() => takeAway(root, hub, browser))

async function becomes(version: number, pageFolder?: string): Promise<void> {
  const port = Number(new URL(hub.url).port)
  watched.isHubAway = true
  await hub.close()
  await watched.page.waitForSelector('.connection.offline')
  speaks = version
  hub = await startPageHub(root, port, pageFolder)
}

it('[PAG103] a hub that comes back with another protocol has its page reloaded once by itself, with what was being written', async () => {
  const { page } = watched
  await page.goto(`${hub.url}/#session=ses_kept`)
  await page.fill('.composer textarea', 'begun before the upgrade')
  await becomes(2, pageOfNext())
  await page.waitForSelector('html[data-page="next"] .connection.live', { timeout: 60_000 })
  expect(await page.inputValue('.composer textarea')).toBe('begun before the upgrade')
  expect(page.url()).toContain('ses_kept')
}, 90_000)

it('[PAG104] where a reload does not help, or would lose something, the page says what is the matter and goes on showing what it has', async () => {
  const { page } = watched
  // The hub speaks version 3, and its page is that of version 2.
  await page.focus('.timeline')
  await page.keyboard.press('n')
  await page.waitForSelector('dialog[open]')
  await page.keyboard.type('not sent yet')
  await becomes(3, pageOfNext())
  await page.waitForSelector('.connection.refused', { timeout: 60_000 })
  expect(await page.inputValue('dialog textarea')).toBe('not sent yet')
  expect(await page.textContent('.connection')).toContain('The hub is another version than this page.')
  await page.keyboard.press('Escape')
  await page.click('.connection button')
  // Reloaded by hand it is refused again; once by itself, and then never more.
  await page.waitForFunction(() => sessionStorage.getItem('codex-hub.reloaded') !== null)
  await page.waitForSelector('.connection.refused')
  await page.waitForSelector('.empty:has-text("What you wrote is kept.")')
  const draft = () => page.evaluate(() => sessionStorage.getItem('codex-hub.draft.ses_kept'))
  expect(await draft()).toBe('begun before the upgrade')
  expect(watched.faults.splice(0)).toEqual([])
}, 90_000)
