/** Reviews, work trees and deletion from the page. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { aroundTests, isNewCodex, type Site } from './site.ts'

describe.runIf(isNewCodex)('reviews and more in the page', () => {
  let site: Site
  aroundTests((opened) => {
    site = opened
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@localhost', ...args], {
        cwd: site.test.codex.project,
      })
    git('init', '-q', '-b', 'main')
    git('commit', '-q', '--allow-empty', '-m', 'Start')
  })

  it('[PAG87] a review is asked for, and what it found is chosen from and becomes the next prompt', async () => {
    const { page, begin, show } = site
    await show(await begin('hello, review'))
    await page.waitForSelector('.agentMessage.completed')
    await page.click('.panel button:has-text("Review")')
    await page.check('dialog label:has-text("Something else") input')
    await page.fill('dialog textarea', 'look at it')
    await page.click('dialog button[type=submit]')
    await page.click('#tab-review')
    await page.waitForSelector('.findings li:nth-child(2)')
    expect(await page.textContent('.findings li:nth-child(1) .quiet')).toBe(
      '/nowhere/a.ts:3–5 · priority 0 · 90 % sure',
    )
    await page.uncheck('.findings li:nth-child(2) input')
    await page.fill('.findings textarea', 'hello there')
    await page.click('.findings button:has-text("Send 1 as the next prompt")')
    await page.waitForSelector('.userMessage .prompt:has-text("hello there")')
    const prompt = await page.textContent('.userMessage .prompt:has-text("hello there")')
    expect(prompt).toContain('Name it')
    expect(prompt).not.toContain('Test it')
    await page.click('#tab-session')
  })

  it('[PAG93] a session is saved as a file', async () => {
    const { page, begin, show } = site
    await show(await begin('hello, export'))
    await page.waitForSelector('.agentMessage.completed')
    await page.click('.panel button:has-text("Export")')
    const saved = page.waitForEvent('download')
    await page.click('dialog button[type=submit]')
    const download = await saved
    expect(download.suggestedFilename()).toBe('hello, export.md')
    expect(readFileSync(await download.path(), 'utf8')).toContain('You said *hello, export*.')
    await page.waitForSelector('dialog', { state: 'detached' })
  })

  it('[PAG94] turns are taken back from a chosen prompt on, with what that costs said before', async () => {
    const { page, begin, show } = site
    await show(await begin('hello, kept'))
    await page.waitForSelector('.agentMessage.completed')
    await page.fill('.composer textarea', 'hello, regretted')
    await page.press('.composer textarea', 'Enter')
    await page.waitForSelector('.agentMessage.completed em:has-text("hello, regretted")')
    await page.click('.panel button:text-is("Revert")')
    expect(await page.textContent('dialog option:checked')).toContain('hello, regretted')
    expect(await page.textContent('dialog p.problem')).toContain('Files stay as they are now.')
    await page.click('dialog button[type=submit]')
    await page.waitForSelector('.said:has-text("1 turn was taken back")')
    await page.waitForSelector('.agentMessage em:has-text("hello, regretted")', { state: 'detached' })
    expect(await page.locator('.userMessage .prompt').allTextContents()).toEqual(['hello, kept'])
  })

  it('[PAG88] a session begins in a work tree of its own, and is deleted from the hub only, or for good', async () => {
    const { test, page } = site
    await page.keyboard.press('Escape')
    await page.keyboard.press('n')
    await page.fill('dialog input[role=combobox]', test.codex.project)
    await page.keyboard.press('Tab')
    await page.check('dialog .worktree input[type=checkbox]')
    await page.fill('dialog [aria-label="New branch"]', 'apart')
    await page.fill('dialog textarea', 'hello, apart')
    await page.click('dialog button[type=submit]')
    await page.waitForSelector('.agentMessage.completed em:has-text("hello, apart")')
    const id = new URLSearchParams(new URL(page.url()).hash.slice(1)).get('session') ?? ''
    const { session } = await test.client('looks').request('session/get', { sessionId: id })
    expect(session.git?.branch).toBe('apart')
    expect(session.cwd).not.toBe(test.codex.project)
    await page.click('.panel button:has-text("Delete")')
    await page.check('dialog label:has-text("In Codex too") input')
    await page.click('dialog button[type=submit]')
    await page.waitForSelector(`[data-session="${id}"]`, { state: 'detached' })
    await page.waitForFunction(() => location.hash === '')
    await expect(test.client('late').request('session/get', { sessionId: id })).rejects.toMatchObject({
      data: { name: 'sessionNotFound' },
    })
  })
})
