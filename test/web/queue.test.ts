/** Prompts that wait. */
import { describe, expect, it } from 'vitest'
import { aroundTests, isNewCodex, type Site } from './site.ts'

describe.runIf(isNewCodex)('the queue in the page', () => {
  let site: Site
  aroundTests((opened) => {
    site = opened
  })

  it('[PAG84] prompts are queued while Codex works, put in order, changed, taken away and held, and then go one by one', async () => {
    const { page, begin, show, letGo } = site
    const id = await begin('hold on')
    await show(id)
    await page.waitForSelector('.when-busy')
    expect(await page.textContent('.composer button[type=submit]')).toBe('Steer')
    await page.click('.when-busy button:has-text("Queue")')
    expect(await page.textContent('.composer button[type=submit]')).toBe('Queue')
    for (const prompt of ['first', 'second', 'third']) {
      await page.fill('.composer textarea', prompt)
      await page.press('.composer textarea', 'Enter')
      await page.waitForSelector(`.queue-strip li:has-text("${prompt}")`, { state: 'attached' })
    }
    await page.click('.queue-strip summary')
    await page.click('.queue-strip li:has-text("third") [aria-label=Earlier]')
    await page.waitForSelector('.queue-strip li:nth-child(2):has-text("third")')
    await page.click('.queue-strip li:has-text("first") button:has-text("Remove")')
    await page.waitForSelector('.queue-strip li:has-text("first")', { state: 'detached' })
    await page.click('.queue-strip li:has-text("second") button:has-text("Edit")')
    await page.waitForSelector('.queue-strip textarea:not([disabled])')
    await page.fill('.queue-strip textarea', 'second, changed')
    await page.click('.queue-strip button:has-text("Save")')
    await page.waitForSelector('.queue-strip li:has-text("second, changed")')
    await page.click('.queue-strip button:has-text("Pause")')
    await page.waitForSelector('.queue-strip .hold:not(.calm)')
    await page.waitForSelector(`[data-session="${id}"] .badge:has-text("2 held")`)
    letGo()
    await page.waitForSelector('.agentMessage.completed:has-text("until now.")')
    await page.click('.queue-strip button:has-text("Resume")')
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll('.agentMessage.completed em')]
          .map(({ textContent }) => textContent)
          .join() === 'third,second, changed',
    )
    expect(await page.$('.queue-strip')).toBeNull()
  })
})
