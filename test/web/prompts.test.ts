/** Prompts and their answers, and what can be done with a session. */
import { describe, expect, it } from 'vitest'
import { aroundTests, isNewCodex, ODD, type Site } from './site.ts'

describe.runIf(isNewCodex)('prompts and answers in the page', () => {
  let site: Site
  aroundTests((opened) => {
    site = opened
  })

  it('[PAG2] a session is started from the page, streams, and is shown as markdown that can do no harm', async () => {
    const { test, page } = site
    await page.keyboard.press('n')
    await page.fill('dialog input', test.codex.project)
    await page.fill('dialog textarea', 'hello there')
    await page.click('dialog button[type=submit]')
    await page.waitForSelector('.agentMessage.completed em')
    expect(await page.textContent('.agentMessage em')).toBe('hello there')
    expect(await page.textContent('.agentMessage pre')).toContain('const x = 1')
    expect(await page.$('.agentMessage img')).toBeNull()
    await page.fill('.composer textarea', 'slow please')
    await page.press('.composer textarea', 'Enter')
    await page.waitForSelector('.agentMessage.inProgress')
    await page.waitForFunction(() => document.body.textContent?.includes('nine ten'))
    expect(await page.inputValue('.composer textarea')).toBe('')
  })

  it('[PAG70] code is coloured by its language without any HTML of the answer, and copied as it was written', async () => {
    const { watched, page, begin, show } = site
    await watched.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await show(await begin('code, please'))
    await page.waitForSelector('.agentMessage .code .hljs-keyword')
    expect(await page.textContent('.agentMessage .code pre')).toBe('const x = 1')
    await page.hover('.agentMessage .code')
    await page.click('.agentMessage .copy')
    await page.waitForFunction(() => document.querySelector('.copy')?.textContent === 'Copied')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('const x = 1')
  })

  it('[PAG71] a prompt written while Codex works goes into the running turn, as the button says', async () => {
    const { test, page, begin, show } = site
    const id = await begin('slow please')
    await show(id)
    await page.waitForSelector('.agentMessage.inProgress')
    await page.fill('.composer textarea', 'and more')
    expect(await page.textContent('.composer button[type=submit]')).toBe('Steer')
    await page.press('.composer textarea', 'Enter')
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.agentMessage em')].some(
        ({ textContent }) => textContent === 'and more',
      ),
    )
    const { turns } = await test.client('counts').request('session/turns', { sessionId: id })
    expect(turns.length).toBe(1)
  })

  it('[PAG72] what a turn runs with is chosen beside its prompt, and holds from then on', async () => {
    const { test, page, begin, show } = site
    const id = await begin('hello before')
    await show(id)
    await page.waitForSelector('.agentMessage.completed')
    await page.click('[aria-label="What the next turn runs with"]')
    await page.selectOption('.composer label:has-text("Sandbox") select', 'workspace-write')
    await page.selectOption('.composer label:has(option[value=plan]) select', 'plan')
    await page.fill('.composer textarea', 'hello after')
    await page.press('.composer textarea', 'Enter')
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.agentMessage.completed em')].some(
        ({ textContent }) => textContent === 'hello after',
      ),
    )
    const { session } = await test.client('looks').request('session/get', { sessionId: id })
    expect(session.settings).toMatchObject({
      sandbox: 'workspace-write',
      approvalPolicy: 'on-request',
      mode: 'plan',
    })
    expect(await page.$('.composer .columns')).toBeNull()
  })

  it('[PAG73] a session is forked and archived from the page', async () => {
    const { page, begin, show } = site
    const id = await begin('hello, fork')
    await show(id)
    await page.waitForSelector('.agentMessage.completed')
    await page.click('.panel button:has-text("Fork")')
    await page.waitForFunction((before) => !location.hash.includes(before), id)
    await page.waitForSelector('.agentMessage em')
    expect(await page.textContent('.agentMessage em')).toBe('hello, fork')
    await show(id)
    await page.click('.panel button:has-text("Archive")')
    await page.waitForSelector(`[data-session="${id}"]`, { state: 'detached' })
    await page.selectOption('.filters select', 'archived')
    await page.waitForSelector(`[data-session="${id}"]`)
    await page.selectOption('.filters select', 'all')
  })

  it('[PAG74] an item that nobody foresaw is shown as it is, and costs nothing else', async () => {
    const { page, show } = site
    await show(ODD)
    await page.waitForSelector('.item.fileChange details.tool')
    expect(await page.textContent('.item.fileChange pre')).toContain('"changes"')
    expect(await page.textContent('.item.somethingNew pre')).toContain('"of": "a newer Codex"')
    expect(await page.textContent('.item.agentMessage p')).toBe('What comes after is there.')
    // It is told of in the console, as it should be.
    expect(site.watched.faults.splice(0)).toEqual([expect.stringContaining('TypeError')])
  })
})
