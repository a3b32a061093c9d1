/** The list of a person with many sessions. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPage, type WatchedPage } from '../harness/browser.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { manySessions } from '../harness/seed.ts'
import { sessionOf } from '../harness/stored.ts'

const COUNT = 700

let test: TestHub
let browser: Browser
let watched: WatchedPage
beforeAll(async () => {
  test = await makeHub({
    script: () => [{ say: 'hello' }],
    seed: (store) => {
      for (const session of manySessions(COUNT)) store.write({ kind: 'session', session })
      const helper = sessionOf('ses_helper', {
        title: 'Reads the tests',
        parentThreadId: 'thread-of-ses_00000000000000000000000003',
        rateLimits: null,
      })
      store.write({ kind: 'session', session: helper })
      store.write({ kind: 'session', session: sessionOf('ses_old', { archived: true, rateLimits: null }) })
    },
  })
  browser = await openBrowser()
  watched = await openPage(browser, `${test.hub.url}/#token=${test.hub.token}`)
  await watched.page.waitForSelector('[data-session]')
})
afterAll(async () => {
  await browser.close()
  await test.close()
})

it('[PAG76] many sessions are by project with subagents under who started them, are drawn as they are asked for, found by words, and filtered', async () => {
  const { page, faults } = watched
  const rows = () => page.locator('[data-session]').count()
  const after = (id: string) =>
    page.evaluate(
      (of) =>
        document
          .querySelector(`[data-session="${of}"]`)
          ?.closest('li')
          ?.nextElementSibling?.querySelector('.title')?.textContent,
      id,
    )
  expect(await page.locator('.list section').count()).toBe(8)
  expect(await after('ses_00000000000000000000000003')).toBe('Reads the tests')
  // The subagent comes on top of those that were counted.
  expect(await rows()).toBe(301)
  await page.click('.list button:has-text("400 more")')
  expect(await rows()).toBe(601)
  await page.fill('input[type=search]', 'pagination billing')
  await page.waitForFunction(() => document.querySelectorAll('[data-session]').length < 100)
  for (const text of await page.locator('.row .title').allTextContents()) expect(text).toContain('pagination')
  await page.fill('input[type=search]', '')
  await page.selectOption('.filters select', 'archived')
  expect(await page.locator('.row .title').allTextContents()).toEqual(['Session ses_old'])
  await page.selectOption('.filters select', 'working')
  expect(await page.textContent('.list')).toBe('Nothing here.')
  await page.selectOption('.filters select', 'all')
  expect(faults).toEqual([])
})

it('[PAG116] the session one looks at is in sight in the list, after a walk by keys and after a reload', async () => {
  const { page } = watched
  const isInSight = () =>
    page.waitForFunction(() => {
      const row = document.querySelector('.row[aria-current=true]')?.getBoundingClientRect()
      const list = document.querySelector('.list')?.getBoundingClientRect()
      const head = document.querySelector('.list h2')?.getBoundingClientRect()
      return row && list && head && row.top >= list.top + head.height && row.bottom <= list.bottom
    })
  await page.reload()
  await page.waitForSelector('.row')
  for (let pressed = 0; pressed < 40; pressed += 1) await page.keyboard.press('j')
  await page.waitForFunction(
    () => [...document.querySelectorAll('.row')].findIndex((row) => row.ariaCurrent === 'true') === 39,
  )
  await isInSight()
  for (let pressed = 0; pressed < 30; pressed += 1) await page.keyboard.press('k')
  await isInSight()
  for (let pressed = 0; pressed < 40; pressed += 1) await page.keyboard.press('j')
  await page.reload()
  await page.waitForSelector('.row[aria-current=true]')
  await isInSight()
  await page.goto(`${test.hub.url}/#`)
})

it('[PAG111] rows in which nothing happens grow older', async () => {
  const { page } = watched
  await page.clock.install()
  await page.reload()
  await page.waitForSelector('.row .age')
  const before = await page.textContent('.row .age')
  await page.clock.fastForward('50:00:00')
  await page.waitForFunction((was) => document.querySelector('.row .age')?.textContent !== was, before)
  expect(await page.textContent('.row .age')).toMatch(/^\d+d$/)
})
