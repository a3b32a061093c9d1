/** Finding: sessions and what was said in them, and keeping some at hand. */
import { describe, expect, it } from 'vitest'
import { aroundTests, isNewCodex, LONG, type Site } from './site.ts'

describe.runIf(isNewCodex)('finding in the page', () => {
  let site: Site
  aroundTests((opened) => {
    site = opened
  })

  it('[PAG85] what was said is found with its words marked, in all sessions and in one, and is gone to', async () => {
    const { page, begin, show } = site
    const id = await begin('hello, xylophone')
    await show(await begin('hello, elsewhere'))
    await page.waitForSelector('.agentMessage.completed')
    await page.keyboard.press('Escape')
    await page.fill('.filters input[type=search]', 'xylophone')
    await page.click('.hits li:has-text("Codex") button:has(mark)')
    expect(await page.textContent('.hits mark')).toBe('xylophone')
    await page.waitForSelector('.place.found .agentMessage em:has-text("xylophone")')
    expect(page.url()).toContain(id)
    await page.fill('.filters input[type=search]', '')
    expect(await page.$('.hits')).toBeNull()
    await show(LONG)
    await page.waitForSelector('.item')
    await page.focus('.timeline')
    await page.keyboard.press('f')
    await page.keyboard.type('"prompt 9100"')
    await page.click('.find .hits button:has(mark)')
    await page.waitForSelector('.place.found .prompt:has-text("prompt 9100")')
    await page.focus('.find input')
    await page.keyboard.press('Escape')
    expect(await page.$('.find')).toBeNull()
  })

  it('[PAG86] a pinned session stands before the others, in every tab of the browser', async () => {
    const { test, watched, page, begin, show } = site
    const id = await begin('hello, pinned')
    await begin('hello, newer')
    await show(id)
    await page.waitForSelector('.agentMessage.completed')
    const other = await watched.context.newPage()
    await other.goto(`${test.hub.url}/`)
    await other.waitForSelector(`[data-session="${id}"]`)
    // Rows do not move from under a pointer.
    await page.mouse.move(800, 400)
    await page.focus('.timeline')
    await page.keyboard.press('p')
    for (const tab of [page, other]) {
      await tab.waitForSelector(`.list section:has(h2:text-is("Pinned")) [data-session="${id}"]`)
      expect(await tab.locator('.list h2').first().textContent()).toBe('Pinned')
    }
    await other.click('.pin[aria-pressed=true]')
    await page.waitForSelector('.list h2:text-is("Pinned")', { state: 'detached' })
    await other.close()
  })
})
