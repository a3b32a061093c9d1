/** The page as a whole: who comes in, what is seen first, how it stands on any screen, and what a lost hub does to it. */
import { describe, expect, it } from 'vitest'
import { openPage } from '../harness/browser.ts'
import { text } from '../harness/watch.ts'
import { aroundTests, isNewCodex, LONG, type Site } from './site.ts'

describe.runIf(isNewCodex)('the page', () => {
  let site: Site
  aroundTests((opened) => {
    site = opened
  })

  it('[PAG1] a link logs a browser in once, and leaves the address bar at once', async () => {
    const { test, browser, page } = site
    expect(page.url()).toBe(`${test.hub.url}/`)
    const kept = await page.evaluate(
      () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]) + document.cookie,
    )
    expect(kept).not.toContain(test.hub.token)
    const other = await openPage(browser, `${test.hub.url}/`)
    await other.page.waitForSelector('.login')
    await other.page.fill('input', 'x'.repeat(40))
    await other.page.click('button')
    await other.page.waitForSelector('[role=alert]')
    await other.page.fill('input', test.hub.token)
    await other.page.click('button')
    await other.page.waitForSelector('.connection.live')
    await other.page.reload()
    await other.page.waitForSelector('.connection.live')
    await other.context.close()
  })

  it('[PAG5] what needs a person comes first, and the next one is a key away', async () => {
    const { test, page, begin } = site
    const id = await begin('run for the list')
    await page.waitForSelector(`[data-session="${id}"] .state.waiting`)
    await page.goto(`${test.hub.url}/`)
    await page.waitForSelector('.list h2')
    expect(await page.textContent('.list section:first-child h2')).toBe('Needs you')
    expect(await page.title()).toBe('(1) codex-hub')
    expect(await page.textContent('.unseen[role=status]')).toBe('1 waiting for you')
    await page.keyboard.press('g')
    await page.waitForSelector('.approval kbd')
    expect(page.url()).toContain(id)
    await page.keyboard.press('1')
    await page.waitForSelector('.approval', { state: 'detached' })
  })

  it('[PAG109] rows stay where they are while somebody moves over them, and come into their order after that', async () => {
    const { test, page, begin, letGo } = site
    await begin('hold for the order')
    const id = await begin('hello, order')
    await page.goto(`${test.hub.url}/`)
    await page.waitForSelector(`[data-session="${id}"] .state.finished`)
    const titles = () => page.locator('.row .title').allTextContents()
    await page.hover('.list section:last-child .row')
    const before = await titles()
    await test.client('phone').command('session/send', { sessionId: id, input: text('run in order') })
    await page.waitForSelector(`[data-session="${id}"] .state.waiting`)
    expect(await titles()).toEqual(before)
    await page.mouse.move(900, 400)
    await page.waitForSelector(`.list section:first-child:has-text("Needs you") [data-session="${id}"]`)
    await page.keyboard.press('g')
    await page.waitForSelector('.approval kbd')
    await page.keyboard.press('1')
    await page.waitForSelector('.approval', { state: 'detached' })
    letGo()
  })

  it.each([390, 360])(
    '[PAG6] a phone of %i pixels shows one thing at a time, and nothing is wider than its screen',
    async (width) => {
      const { browser, link, begin } = site
      const id = await begin('hello from a phone')
      const phone = await openPage(browser, link(), { width, height: 800 })
      await phone.page.waitForSelector(`[data-session="${id}"]`)
      expect(await phone.page.isVisible('.main')).toBe(false)
      await phone.page.click(`[data-session="${id}"]`)
      await phone.page.waitForSelector('.agentMessage em')
      expect(await phone.page.isVisible('.side')).toBe(false)
      expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
      // The details lie over it, and are left again.
      await phone.page.click('[aria-label=Details]')
      for (const tab of ['session', 'changes', 'tools']) await phone.page.click(`#tab-${tab}`)
      expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
      await phone.page.click('[aria-label="Close details"]')
      await phone.page.click('.back')
      await phone.page.waitForSelector('.row')
      expect(phone.faults).toEqual([])
      await phone.context.close()
    },
  )

  it('[PAG92] two tabs are two clients with drafts of their own, also where one is a copy of the other', async () => {
    const { test, watched, page, begin, show } = site
    const id = await begin('hello, tabs')
    await show(id)
    await page.waitForSelector('.agentMessage.completed')
    await page.fill('.composer textarea', 'begun here')
    const copied = await page.evaluate(() => ({ ...sessionStorage }))
    const other = await watched.context.newPage()
    await other.addInitScript((entries) => {
      if (sessionStorage.length > 0) return
      for (const [key, value] of Object.entries(entries)) sessionStorage.setItem(key, value)
    }, copied)
    await other.goto(`${test.hub.url}/#session=${id}`)
    await other.waitForSelector('.agentMessage.completed')
    const clientOf = (tab: typeof page) => tab.evaluate(() => sessionStorage.getItem('codex-hub.client'))
    expect(await clientOf(other)).not.toBe(copied['codex-hub.client'])
    expect(await other.inputValue('.composer textarea')).toBe('begun here')
    await other.fill('.composer textarea', 'gone on there')
    for (const tab of [page, other]) await tab.reload()
    await page.waitForSelector('.agentMessage.completed')
    await other.waitForSelector('.agentMessage.completed')
    expect(await clientOf(page)).toBe(copied['codex-hub.client'])
    expect(await page.inputValue('.composer textarea')).toBe('begun here')
    expect(await other.inputValue('.composer textarea')).toBe('gone on there')
    await other.close()
    await page.fill('.composer textarea', '')
  })

  it('[PAG106] two tabs share neither what they look at nor what one of them is sending; both see what came of it', async () => {
    const { test, watched, page, begin, show } = site
    const [left, right] = [await begin('hello, left'), await begin('hello, right')]
    const other = await watched.context.newPage()
    await show(left)
    await other.goto(`${test.hub.url}/#session=${right}`)
    for (const tab of [page, other]) await tab.waitForSelector('.agentMessage.completed')
    await other.evaluate((id) => {
      location.hash = `session=${id}`
    }, left)
    await other.waitForSelector('.head h1:text-is("hello, left")')
    await page.fill('.composer textarea', 'hold one')
    await page.press('.composer textarea', 'Enter')
    await other.waitForSelector('.prompt:has-text("hold one")')
    expect(await other.locator('.sendings').count()).toBe(0)
    expect(await other.evaluate(() => sessionStorage.getItem('codex-hub.outbox'))).toBeNull()
    await other.evaluate((id) => {
      location.hash = `session=${id}`
    }, right)
    await other.waitForSelector('.head h1:text-is("hello, right")')
    expect(await page.textContent('.head h1')).toBe('hello, left')
    await other.keyboard.press('d')
    await other.waitForSelector('.panel', { state: 'detached' })
    expect(await page.locator('.panel').count()).toBe(1)
    site.letGo()
    await page.waitForSelector('.agentMessage:has-text("until now.")')
    await other.keyboard.press('d')
    await other.close()
  })

  it('[PAG8] [PAG67] a session of 10,000 items is a few dozen elements; older ones come as one scrolls up, and nothing jumps meanwhile', async () => {
    const { page, show } = site
    await show(LONG)
    await page.waitForFunction(() => document.body.textContent?.includes('Answer 9999'))
    expect(await page.locator('.place').count()).toBeLessThan(60)
    const step = 300
    const jumps = await page.evaluate(async (most) => {
      const scroller = document.querySelector('.timeline') as HTMLElement
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      const seen = () => {
        const { top: start, bottom: end } = scroller.getBoundingClientRect()
        const items = [...scroller.querySelectorAll('.item')].map((item) => ({
          id: item.id,
          ...item.getBoundingClientRect().toJSON(),
        }))
        return new Map<string, number>(
          items.filter(({ top, bottom }) => bottom > start && top < end).map(({ id, top }) => [id, top]),
        )
      }
      const isReached = () =>
        [...document.querySelectorAll('.prompt')].some(({ textContent }) => textContent === 'prompt 9400')
      const moves: number[] = []
      while (!isReached()) {
        const before = seen()
        // Where the older items are not there yet one comes to the top before them.
        const by = Math.min(most, scroller.scrollTop)
        scroller.scrollBy(0, -by)
        await frame()
        await frame()
        const after = seen()
        const moved = [...before].flatMap(([id, top]) => (after.has(id) ? [(after.get(id) ?? 0) - top] : []))
        // What came into view is measured only now: something else that was seen may have moved by that.
        const off = Math.min(...moved.map((distance) => Math.abs(distance - by)))
        // Not moving at all is a step that the list took back to keep its place.
        if (off > 2 && Math.abs(off - by) > 2) moves.push(off)
      }
      return moves
    }, step)
    expect(jumps).toEqual([])
    expect(await page.locator('.place').count()).toBeLessThan(60)
  })

  it('[PAG9] a hub that stops and comes back is told honestly, and the page goes on by itself', async () => {
    const { test, browser, link, watched, page, begin, show } = site
    const id = await begin('before the stop')
    await show(id)
    await page.waitForSelector('.agentMessage em')
    // A phone shows one thing at a time, and this wherever one is.
    const phone = await openPage(browser, link(), { width: 390, height: 780 })
    await phone.page.waitForSelector(`[data-session="${id}"]`)
    await phone.page.click(`[data-session="${id}"]`)
    await phone.page.waitForSelector('.agentMessage em')
    expect(await phone.page.isVisible('.main .connection')).toBe(false)
    phone.isHubAway = true
    const port = Number(new URL(test.hub.url).port)
    watched.isHubAway = true
    await test.hub.close()
    await page.waitForSelector('.connection.offline')
    expect(await page.textContent('.connection')).toContain('next try in')
    expect(await page.textContent('.head .word')).toBe('not live: the hub is away')
    expect(await page.getAttribute('.app', 'data-live')).toBe('false')
    await phone.page.waitForSelector('.main .connection.offline:has-text("next try in")')
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await phone.context.close()
    await test.restart({ port })
    await page.waitForSelector('.connection.live', { timeout: 30_000 })
    watched.isHubAway = false
    await page.fill('.composer textarea', 'after the stop')
    await page.press('.composer textarea', 'Enter')
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.agentMessage em')].some(
        (element) => element.textContent === 'after the stop',
      ),
    )
  }, 60_000)
})
