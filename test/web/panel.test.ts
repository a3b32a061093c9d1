/** What stands beside a conversation, and ways through a long one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aroundTests, CALLED, CALLER, isNewCodex, LONG, type Site } from './site.ts'

describe.runIf(isNewCodex)('beside the conversation', () => {
  let site: Site
  aroundTests((opened) => {
    site = opened
  })

  it('[PAG77] the changes of the newest turn and of the whole session are shown as files, under each other or side by side', async () => {
    const { test, page, begin, show } = site
    writeFileSync(join(test.codex.project, 'notes.txt'), 'old\n')
    const id = await begin('patch it')
    await show(id)
    await page.waitForSelector('.approval kbd')
    await page.keyboard.press('1')
    await page.waitForSelector('.fileChange.completed')
    await page.waitForSelector('.agentMessage.completed')
    await page.click('#tab-changes')
    await page.waitForSelector('.panel .line.added')
    expect(await page.locator('.panel .line').allTextContents()).toEqual(['1-old\n', '1+new\n'])
    await page.click('.panel button:has-text("Split")')
    expect(await page.locator('.panel .half').allTextContents()).toEqual(['1old', '1new'])
    await page.click('.panel button:has-text("Whole session")')
    await page.waitForSelector('.panel section .pair')
    expect(await page.locator('.panel .half').allTextContents()).toEqual(['1old', '1new'])
    await show(LONG)
    await page.click('.panel button:has-text("Whole session")')
    await page.waitForSelector('.panel button:has-text("Change 2000 of 2000")')
    await page.click('.panel button:has-text("Unified")')
    await page.click('#tab-session')
  })

  it('[PAG89] MCP servers are shown with how they are and their tools, and skills with what they do', async () => {
    const { page, begin, show } = site
    await show(await begin('hello, tools'))
    await page.waitForSelector('.agentMessage.completed')
    await page.click('#tab-tools')
    await page.click('.server:has-text("asks") summary')
    await page.waitForSelector('.server[open] dt:has-text("order")')
    expect(await page.textContent('.server[open] summary')).toBe('asksready, 1 tools')
    expect(await page.textContent('.server:has-text("broken") summary')).toContain('failed')
    await page.waitForSelector('.skills dt')
    await page.click('#tab-session')
  })

  it('[PAG90] the settings hold the theme, how close things stand, the account, the homes, and how the hub is, process by process', async () => {
    const { test, page, begin, show } = site
    await show(await begin('hello, settings'))
    await page.waitForSelector('.agentMessage.completed')
    await page.focus('.timeline')
    await page.keyboard.press('s')
    await page.check('dialog label:has-text("dark") input')
    await page.check('dialog label:has-text("compact") input')
    const shown = () => page.evaluate(() => ({ ...document.documentElement.dataset }))
    expect(await shown()).toEqual({ theme: 'dark', density: 'compact' })
    await page.click('dialog nav button:has-text("Account")')
    await page.waitForSelector('dialog .part:has-text("No account is needed")')
    await page.click('dialog nav button:has-text("Codex homes")')
    await page.waitForSelector(`dialog code:text-is("${test.codex.home}")`)
    await page.click('dialog nav button:text-is("Hub")')
    await page.waitForSelector('dialog .processes tr:has-text("hello, settings"):has-text("MB")')
    expect(await page.textContent('dialog dl')).toContain('changes to write')
    await page.keyboard.press('Escape')
    await page.reload()
    await page.waitForSelector('.connection.live')
    expect(await shown()).toEqual({ theme: 'dark', density: 'compact' })
  })

  it('[PAG95] adoption is switched in the settings, a home is added and forgotten, and what cannot be is said', async () => {
    const { test, page } = site
    const other = mkdtempSync(join(tmpdir(), 'home-'))
    await page.click('[aria-label=Settings]')
    await page.click('dialog nav button:has-text("Codex homes")')
    await page.waitForSelector('dialog section input')
    // A quick hand: what is typed before the hub has answered stays.
    await page.evaluate((path) => {
      document.querySelector<HTMLInputElement>('dialog section input')?.click()
      const field = document.querySelector('dialog input[placeholder]')
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, path)
      field?.dispatchEvent(new Event('input', { bubbles: true }))
    }, other)
    await page.waitForSelector(
      'dialog section:has-text("nothing new is looked for") input:not(:checked):enabled',
    )
    expect(await page.inputValue('dialog input[placeholder]')).toBe(other)
    await page.press('dialog input[placeholder]', 'Enter')
    await page.waitForSelector(`dialog section[aria-label="${other}"]:has-text("0 sessions found")`)
    const adoptions = async () => {
      const { homes } = await test.client('looks').request('home/list', {})
      return homes.map(({ codexHome, adopt }) => [codexHome, adopt])
    }
    expect(await adoptions()).toEqual([
      [test.codex.home, false],
      [other, true],
    ])
    await page.check(`dialog section[aria-label="${test.codex.home}"] input`)
    await page.waitForSelector('dialog section:has-text("read as they grow") >> nth=1')
    await page.click(`dialog [aria-label="Forget ${other}"]`)
    await page.waitForSelector(`dialog section[aria-label="${other}"]`, { state: 'detached' })
    expect(await adoptions()).toEqual([[test.codex.home, true]])
    rmSync(other, { recursive: true })
    await page.fill('dialog input[placeholder]', other)
    await page.press('dialog input[placeholder]', 'Enter')
    expect(await page.textContent('dialog [role=alert]')).toBe(`${other} does not exist.`)
    await page.keyboard.press('Escape')
  })

  it('[PAG91] an agent that was started is nested where it was called, with its state and its own work', async () => {
    const { page, show } = site
    await show(CALLER)
    await page.click('.agents .agent summary')
    expect(await page.textContent('.agents blockquote')).toBe('Read the tests.')
    await page.waitForSelector('.agent .work .agentMessage em:has-text("read")')
    await page.click('.agent a')
    await page.waitForSelector('.head h1:has-text("Reads the tests")')
    expect(page.url()).toContain(CALLED)
  })

  it('[PAG78] a link to an item shows it however old it is, and says so when it is not there', async () => {
    const { test, watched, page } = site
    const go = async (item: string) => page.goto(`${test.hub.url}/#session=${LONG}&item=${item}`)
    await go('item-9004')
    await page.waitForSelector('.place.found')
    expect(await page.textContent('.place.found .agentMessage')).toContain('Answer 9004')
    await page.waitForFunction(() => {
      const { top, bottom } = document.querySelector('.place.found')?.getBoundingClientRect() ?? new DOMRect()
      return bottom > 0 && top > 0 && top < innerHeight / 2
    })
    await watched.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.hover('.place.found .item')
    await page.click('.place.found .item-actions button:has-text("Link")')
    await page.waitForSelector('.item-actions button:has-text("Copied")')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url())
    await page.click('.place.found .item-actions button:has-text("Copy")')
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith('Answer 9004: '))
    await page.mouse.move(0, 0)
    await page.focus('.timeline')
    await page.keyboard.press('[')
    await page.waitForFunction(() => {
      const top = document.querySelector('.timeline')?.getBoundingClientRect().top ?? 0
      return [...document.querySelectorAll('.prompt')].some(
        (prompt) =>
          prompt.textContent === 'prompt 9000' && Math.abs(prompt.getBoundingClientRect().top - top) < 80,
      )
    })
    await page.keyboard.press('e')
    await page.waitForFunction(() => document.body.textContent?.includes('Answer 9999'))
    await go('item-of-another')
    await page.waitForSelector('text=The item of this link is not there.')
  })
})
