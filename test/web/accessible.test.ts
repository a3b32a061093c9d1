/** What people need who see little, use no mouse or bear no motion. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { aroundTests, isNewCodex, LONG, type Site } from './site.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
}

async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run())
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`)
}

const isWiderThanScreen = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > innerWidth)

describe.runIf(isNewCodex)('the page for everybody', () => {
  let site: Site
  aroundTests((opened) => {
    site = opened
  })

  it.each(['light', 'dark'] as const)(
    '[PAG7] axe finds nothing, in %s colours, with an approval, a dialog and code',
    async (colorScheme) => {
      const { page, begin, show } = site
      await page.emulateMedia({ colorScheme })
      await show(await begin('run for axe'))
      await page.waitForSelector('.approval')
      expect(await faultsOf(page)).toEqual([])
      await page.keyboard.press('?')
      await page.waitForSelector('dialog[open]')
      expect(await faultsOf(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.keyboard.press('1')
      await page.waitForSelector('.approval', { state: 'detached' })
      await show(await begin('code, too'))
      await page.waitForSelector('.agentMessage .code .hljs-keyword')
      expect(await faultsOf(page)).toEqual([])
    },
  )

  it.each([
    ['dark', 1_280],
    ['light', 1_280],
    ['dark', 360],
    ['light', 360],
  ] as const)(
    '[PAG7] [PAG6] axe finds nothing in any dialog and panel, and none is wider than the screen, in %s colours, %i pixels wide',
    async (colorScheme, width) => {
      const { test, page, propose, show } = site
      const sessionId = await propose('propose it')
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 780 })
      const found: Record<string, readonly string[]> = {}
      const look = async (name: string): Promise<void> => {
        const wide = (await isWiderThanScreen(page)) ? ['wider than the screen'] : []
        const faults = [...(await faultsOf(page)), ...wide]
        if (faults.length > 0) found[name] = faults
      }
      await show(sessionId)
      await page.waitForSelector('.plan-card kbd')
      await look('plan')
      await page.click('.plan-card button:has-text("Change it")')
      await look('refused plan')
      if (width < 1_150) await page.click('[aria-label=Details]')
      await page.click('.goal button:has-text("Set a goal")')
      await look('goal')
      for (const tab of await page.locator('.panel [role=tab]').all()) {
        await tab.click()
        await look(`panel: ${await tab.textContent()}`)
      }
      await page.click('#tab-session')
      for (const name of ['Review', 'Rename', 'Export', 'Revert', 'Delete']) {
        await page.click(`.panel .controls button:text-is("${name}")`)
        await page.waitForSelector('dialog[open]')
        await look(name)
        await page.keyboard.press('Escape')
      }
      await page.goto(`${test.hub.url}/#session=inbox`)
      await page.waitForSelector('.log .entry')
      await look('inbox')
      await page.goto(`${test.hub.url}/#`)
      for (const [key, ready] of [
        ['n', 'dialog textarea'],
        ['t', '.threads li'],
        ['s', 'dialog .settings'],
      ] as const) {
        await page.keyboard.press(key)
        await page.waitForSelector(ready)
        await look(`dialog ${key}`)
        if (key !== 's') await page.keyboard.press('Escape')
      }
      for (const part of await page.locator('dialog nav button').all()) {
        await part.click()
        await page.waitForSelector('dialog .part > :not(:text-is("Reading…"))')
        await look(`settings: ${await part.textContent()}`)
      }
      await page.keyboard.press('Escape')
      await page.click('.side footer button:text-is("Import")')
      await page.waitForSelector('dialog .drop')
      await look('import')
      await page.keyboard.press('Escape')
      await page.setViewportSize({ width: 1_280, height: 800 })
      expect(found).toEqual({})
    },
    120_000,
  )

  it.each([1_280, 360])(
    '[PAG114] what is opened by hand has the focus, closes with Escape, and gives it back to what opened it, %i pixels wide',
    async (width) => {
      const { test, page, begin, show } = site
      await page.setViewportSize({ width, height: 780 })
      /** What is opened with Enter and closed with Escape, and whether the focus was in it, and then where it was. */
      const visit = async (opener: string, opened: string): Promise<[boolean, boolean]> => {
        const button = await page.waitForSelector(opener)
        await button.focus()
        await page.keyboard.press('Enter')
        const part = await page.waitForSelector(opened)
        const has = (element: typeof button) =>
          page
            .waitForFunction((each) => each.contains(document.activeElement), element, { timeout: 5_000 })
            .then(
              () => true,
              () => false,
            )
        const isIn = await has(part)
        await page.keyboard.press('Escape')
        await page.waitForSelector(opened, { state: 'detached' })
        return [isIn, await has(button)]
      }
      const seen: Record<string, readonly [boolean, boolean]> = {}
      seen.settings = await visit('.side [aria-label=Settings]', 'dialog[open]')
      for (const name of ['New', 'All threads', 'Import', 'Keys'])
        seen[name] = await visit(`.side button:text-is("${name}")`, 'dialog[open]')
      await show(await begin('hello, focus'))
      await page.waitForSelector('.agentMessage.completed')
      seen.find = await visit('.head [aria-label="Find in this conversation"]', '.find')
      if (width < 1_150) {
        seen.details = await visit('.head [aria-label=Details]', '.panel')
        await page.click('.head [aria-label=Details]')
      }
      for (const name of ['Review', 'Rename', 'Export', 'Revert', 'Delete'])
        seen[name] = await visit(`.panel .controls button:text-is("${name}")`, 'dialog[open]')
      expect(Object.entries(seen).filter(([, [isIn, isBack]]) => !isIn || !isBack)).toEqual([])
      await page.goto(`${test.hub.url}/#`)
      await page.setViewportSize({ width: 1_280, height: 800 })
    },
    60_000,
  )

  it('[PAG105] the list of keys names every key, those that open dialogs open theirs, and nothing moves for who wants no motion', async () => {
    const { page, show } = site
    await show(LONG)
    await page.waitForSelector('.place')
    const opened: Record<string, string | null> = {}
    for (const key of ['?', 'n', 's', 't']) {
      await page.focus('.timeline')
      await page.keyboard.press(key)
      await page.waitForSelector('dialog[open] h2')
      opened[key] = await page.textContent('dialog[open] h2')
      if (key === '?') {
        // No key stands there twice, and none is missing that the page knows.
        const listed = (await page.locator('dialog kbd').allTextContents()).flatMap((keys) =>
          keys.split(', '),
        )
        expect(listed.toSorted()).toEqual(
          ['/', '1 … 9', '?', 'Enter', 'Escape', '[', ']', ...'cdefgijknpst'].toSorted(),
        )
      }
      await page.keyboard.press('Escape')
      await page.waitForSelector('dialog[open]', { state: 'detached' })
    }
    expect(opened).toEqual({ '?': 'Keys', n: 'New session', s: 'Settings', t: 'Every thread of Codex' })
    // Something that moves for those who like it.
    const working = await site.begin('hold on')
    await page.waitForSelector(`[data-session="${working}"] .state.working`)
    await page.waitForFunction(() => document.getAnimations().length > 0)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    const moving = await page.evaluate(() =>
      document.getAnimations().filter((animation) => Number(animation.effect?.getTiming().duration) > 0),
    )
    expect(moving).toEqual([])
    site.letGo()
  })
})
