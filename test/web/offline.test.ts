/** The page without its hub, and with a hub that has another page. Sessions are not needed for it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { RunningHub } from '../../src/server/hub-options.ts'
import { openBrowser, openPage, type WatchedPage } from '../harness/browser.ts'
import { BUILT, startPageHub, takeAway } from './page-hub.ts'

let root: string
let browser: Browser
let hub: RunningHub
let watched: WatchedPage

/** The worker controls the page and has kept what the page starts with. */
const kept = () => watched.page.waitForFunction(() => navigator.serviceWorker.controller !== null)

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'offline-'))
  hub = await startPageHub(root, 0)
  browser = await openBrowser()
  watched = await openPage(browser, `${hub.url}/#token=${hub.token}`)
  await watched.page.waitForSelector('.connection.live')
  await kept()
})
afterAll(() => takeAway(root, hub, browser))
afterEach(() => {
  expect(watched.faults.splice(0)).toEqual([])
})

it('[PAG60] without its hub the page opens all the same, says that it is offline, and is live when the hub is back', async () => {
  const { page } = watched
  const port = Number(new URL(hub.url).port)
  watched.isHubAway = true
  await hub.close()
  await page.reload()
  await page.waitForSelector('.connection.offline')
  hub = await startPageHub(root, port)
  await page.waitForSelector('.connection.live')
  watched.isHubAway = false
})

it('[PAG61] what is kept in the browser is files of the page, and nothing of the hub', async () => {
  const { page } = watched
  // An answer of the hub goes through the worker too; without a token it is a refusal, which is none of the page's faults.
  watched.isHubAway = true
  expect(await page.evaluate(() => fetch('/health').then((answer) => answer.text()))).toContain('token')
  watched.isHubAway = false
  const paths = await page.evaluate(async () => {
    const found: string[] = []
    for (const name of await caches.keys())
      for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname)
    return found.sort()
  })
  const index = readFileSync(join(BUILT, 'index.html'), 'utf8')
  const named = [...index.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
  expect(paths).toEqual(['/', ...named].sort())
})

it('[PAG62] a hub with another page is noticed by the open one, which goes on; a reload brings the other', async () => {
  const { page } = watched
  const other = mkdtempSync(join(root, 'web-'))
  cpSync(BUILT, other, { recursive: true })
  const swap = (file: string, from: RegExp | string, to: string): void => {
    for (const packed of ['br', 'gz']) rmSync(join(other, `${file}.${packed}`), { force: true })
    writeFileSync(join(other, file), readFileSync(join(other, file), 'utf8').replace(from, to))
  }
  swap('index.html', '<html lang="en"', '<html lang="en" data-page="other"')
  swap('sw.js', /"version":"\w+"/, '"version":"another"')
  const port = Number(new URL(hub.url).port)
  watched.isHubAway = true
  await hub.close()
  hub = await startPageHub(root, port, other)
  await page.waitForSelector('.connection.live')
  watched.isHubAway = false
  expect(await page.getAttribute('html', 'data-page')).toBeNull()
  await page.click('.connection button')
  await page.waitForSelector('html[data-page="other"] .connection.live')
  expect(await page.$('.connection button')).toBeNull()
  // And offline it is the other one, too.
  watched.isHubAway = true
  await hub.close()
  await page.reload()
  await page.waitForSelector('html[data-page="other"] .connection.offline')
  hub = await startPageHub(root, port)
})

it('[PAG63] the page can be installed: its manifest names icons that are there, in the sizes it says', async () => {
  const manifest = await (await fetch(`${hub.url}/app.webmanifest`)).json()
  expect(manifest).toMatchObject({ name: 'codex-hub', start_url: '/', display: 'standalone' })
  const icons = manifest.icons as { src: string; sizes: string; type: string }[]
  expect(icons.map(({ sizes }) => sizes)).toEqual(['any', '192x192', '512x512', '512x512'])
  for (const { src, sizes, type } of icons) {
    const answer = await fetch(`${hub.url}${src}`)
    expect(answer.headers.get('content-type')).toBe(type)
    const bytes = Buffer.from(await answer.arrayBuffer())
    // Width and height stand at the start of every PNG.
    if (type === 'image/png') expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`).toBe(sizes)
  }
})

it('[PAG66] at first load the page is less than 350 KB of JavaScript, compressed', async () => {
  const index = readFileSync(join(BUILT, 'index.html'), 'utf8')
  const scripts = [...index.matchAll(/"(\/assets\/[^"]+\.js)"/g)].map(([, path = '']) => path)
  const sizes = scripts.map((path) => readFileSync(join(BUILT, `${path}.gz`)).length)
  expect(scripts.length).toBeGreaterThan(0)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(350_000)
})
