/** Writing: mentions, pictures, and prompts that do not get through. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { complete, skillNames, tokenAt } from '../../src/web/composer/tokens.ts'
import { aroundTests, isNewCodex, LONG, type Site } from './site.ts'

/** One pixel. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

it('[PAG80] a mention is what stands at the caret after @ or $, at the beginning of a word', () => {
  expect(tokenAt('look at @src/a.ts now', 13)).toEqual({ kind: 'file', query: 'src/', start: 8, end: 17 })
  expect(tokenAt('$ti', 3)).toEqual({ kind: 'skill', query: 'ti', start: 0, end: 3 })
  expect(tokenAt('a@b.example', 11)).toBeNull()
  expect(tokenAt('costs 5$', 8)).toBeNull()
  const token = tokenAt('look at @ca, please', 11)
  expect(token && complete('look at @ca please', { ...token, end: 11 }, 'src/cart.ts')).toEqual({
    text: 'look at src/cart.ts please',
    caret: 20,
  })
  expect(skillNames('use $tidy and $tidy, not a$b')).toEqual(['tidy'])
})

describe.runIf(isNewCodex)('the composer', () => {
  let site: Site
  aroundTests((opened) => {
    site = opened
    mkdirSync(join(site.test.codex.project, 'src'))
    writeFileSync(join(site.test.codex.project, 'src', 'cart.ts'), '')
    const skill = join(site.test.codex.home, 'skills', 'tidy')
    mkdirSync(skill, { recursive: true })
    writeFileSync(join(skill, 'SKILL.md'), '---\nname: tidy\ndescription: Sweeps.\n---\nSweep.')
  })

  it('[PAG79] the folder of a new session is one that was used before, or is walked to', async () => {
    const { test, page, begin } = site
    const id = await begin('hello, here')
    await page.waitForSelector(`[data-session="${id}"]`)
    await page.keyboard.press('n')
    await page.click('dialog input[role=combobox]')
    const above = join(test.codex.project, '..')
    await page.fill('dialog input[role=combobox]', `${above}/ho`)
    await page.waitForSelector('dialog [role=option]:has-text("home")')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    expect(await page.inputValue('dialog input[role=combobox]')).toBe(`${above}/home/`)
    await page.fill('dialog input[role=combobox]', 'project')
    await page.click(`dialog [role=option]:has-text("${test.codex.project}")`)
    expect(await page.inputValue('dialog input[role=combobox]')).toBe(test.codex.project)
    await page.keyboard.press('Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
  })

  it('[PAG80] files and skills are mentioned with completion, and a skill goes along as what it is', async () => {
    const { test, page, begin, show } = site
    const id = await begin('hello, mention')
    await show(id)
    await page.waitForSelector('.agentMessage.completed')
    await page.focus('.composer textarea')
    await page.keyboard.type('read @car')
    await page.waitForSelector('.composer [role=option]:has-text("src/cart.ts")')
    await page.keyboard.press('Enter')
    expect(await page.inputValue('.composer textarea')).toBe('read src/cart.ts ')
    await page.keyboard.type('with $ti')
    await page.waitForSelector('.composer [role=option]:has-text("Sweeps.")')
    await page.keyboard.press('Tab')
    expect(await page.inputValue('.composer textarea')).toBe('read src/cart.ts with $tidy ')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelectorAll('.agentMessage.completed').length === 2)
    const { items } = await test.client('looks').request('session/items', { sessionId: id })
    const prompt = items.find(({ type, body }) => type === 'userMessage' && /cart/.test(JSON.stringify(body)))
    expect(prompt?.body.content).toMatchObject([
      { type: 'text', text: 'read src/cart.ts with $tidy ' },
      { type: 'skill', name: 'tidy', path: join(test.codex.home, 'skills', 'tidy', 'SKILL.md') },
    ])
  })

  it('[PAG81] pictures are pasted, dropped or chosen, taken away again, and seen where they were sent', async () => {
    const { page, begin, show } = site
    await show(await begin('hello, picture'))
    await page.waitForSelector('.agentMessage.completed')
    const give = (type: 'paste' | 'drop') =>
      page.evaluate(
        ([kind, base64]) => {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
          const files = new DataTransfer()
          files.items.add(new File([bytes], 'dot.png', { type: 'image/png' }))
          const field = document.querySelector('.composer textarea')
          const event =
            kind === 'paste'
              ? new ClipboardEvent('paste', { clipboardData: files, bubbles: true, cancelable: true })
              : new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true })
          field?.dispatchEvent(event)
        },
        [type, PIXEL] as const,
      )
    await give('paste')
    await page.waitForSelector('.composer .images img')
    await give('drop')
    await page.waitForSelector('.composer .images button:nth-child(2)')
    await page.click('.composer .images button:nth-child(2)')
    expect(await page.locator('.composer .images button').count()).toBe(1)
    await page.fill('.composer textarea', 'see this')
    await page.press('.composer textarea', 'Enter')
    await page.waitForSelector('.item.userMessage .prompt img')
    expect(await page.getAttribute('.item.userMessage .prompt img', 'src')).toBe(
      `data:image/png;base64,${PIXEL}`,
    )
    expect(await page.$('.composer .images')).toBeNull()
  })

  it('[PAG82] a prompt that is refused stays, with why, through looking elsewhere and a reload, until it is sent again or taken back', async () => {
    const { page, begin, show } = site
    // Its thread is nowhere: Codex cannot resume it.
    await show(LONG)
    await page.fill('.composer textarea', 'to nobody')
    await page.press('.composer textarea', 'Enter')
    await page.waitForSelector('.unsent:has-text("Not sent")')
    await show(await begin('hello, between'))
    await page.waitForSelector('.agentMessage.completed')
    expect(await page.$('.unsent')).toBeNull()
    await show(LONG)
    await page.waitForSelector('.unsent')
    await page.reload()
    await page.waitForSelector('.unsent .text')
    expect(await page.textContent('.unsent .text')).toBe('to nobody')
    await page.click('.unsent button:has-text("Send again")')
    await page.waitForSelector('.sendings .prompt, .unsent')
    await page.waitForSelector('.unsent:has-text("Not sent")')
    await page.click('.unsent button:has-text("Edit")')
    expect(await page.inputValue('.composer textarea')).toBe('to nobody')
    await page.fill('.composer textarea', '')
    expect(await page.$('.unsent')).toBeNull()
  })

  it('[PAG83] a prompt whose answer never came because the page was closed is sent again by hand, and happens once', async () => {
    const { test, watched, page, begin, show } = site
    const id = await begin('hello, cut')
    await show(id)
    await page.waitForSelector('.agentMessage.completed')
    const port = Number(new URL(test.hub.url).port)
    watched.isHubAway = true
    await test.hub.close()
    await page.waitForSelector('.connection.offline')
    await page.fill('.composer textarea', 'once only')
    await page.press('.composer textarea', 'Enter')
    await page.waitForSelector('.prompt.sending')
    await test.restart({ port })
    // It goes out by itself when the hub is back; this page does not live to see it.
    await page.evaluate(() => {
      const kept = sessionStorage.getItem('codex-hub.outbox') ?? ''
      addEventListener('pagehide', () => sessionStorage.setItem('codex-hub.outbox', kept))
    })
    await page.waitForFunction(() => document.querySelectorAll('.agentMessage.completed').length === 2)
    await page.reload()
    watched.isHubAway = false
    await page.waitForSelector('.unsent:has-text("does not send it twice")')
    await page.click('.unsent button:has-text("Send again")')
    await page.waitForSelector('.unsent', { state: 'detached' })
    const { turns } = await test.client('counts').request('session/turns', { sessionId: id })
    expect(turns.length).toBe(2)
  }, 60_000)
})
