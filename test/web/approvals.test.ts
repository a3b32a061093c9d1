/** What waits for a person: seen, told of, and answered from the keyboard. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../harness/until.ts'
import { aroundTests, isNewCodex, type Site } from './site.ts'

describe.runIf(isNewCodex)('approvals in the page', () => {
  let site: Site
  aroundTests((opened) => {
    site = opened
  })

  it('[PAG3] a command and a patch are allowed with one key', async () => {
    const { test, page, begin, show } = site
    await show(await begin('run it'))
    await page.waitForSelector('.approval kbd')
    expect(await page.textContent('.approval pre.asked')).toContain('touch made.txt && echo hi')
    expect(await page.textContent('.approval')).toContain('to see')
    await page.keyboard.press('1')
    await page.waitForSelector('.approval', { state: 'detached' })
    await page.waitForSelector('.agentMessage strong')
    writeFileSync(join(test.codex.project, 'notes.txt'), 'old\n')
    await show(await begin('patch it'))
    await page.waitForSelector('.approval kbd')
    expect(await page.textContent('.approval .added')).toBe('+1')
    await page.keyboard.press('1')
    await page.waitForSelector('.fileChange.completed .diff .line.added')
    expect(readFileSync(join(test.codex.project, 'notes.txt'), 'utf8')).toBe('new\n')
  })

  it('[PAG115] the answers to a long command are on the screen of a small phone, beneath what is read of it', async () => {
    const { page, begin, show } = site
    await page.setViewportSize({ width: 360, height: 640 })
    await show(await begin('recite it'))
    await page.waitForSelector('.approval kbd')
    const seen = await page.evaluate(() => {
      const card = document.querySelector('.approval') as HTMLElement
      const answers = [...card.querySelectorAll('footer button')].map((button) => {
        const { left, top, width, height } = button.getBoundingClientRect()
        return button.contains(document.elementFromPoint(left + width / 2, top + height / 2))
      })
      const { top } = card.getBoundingClientRect()
      const footer = card.querySelector('footer')?.getBoundingClientRect() ?? new DOMRect()
      return {
        isLong: card.scrollHeight > card.clientHeight,
        answers: [...new Set(answers)],
        // For the command.
        hasRoom: footer.top - top > footer.height / 2,
      }
    })
    expect(seen).toEqual({ isLong: true, answers: [true], hasRoom: true })
    await page.click('.approval footer button:has-text("Decline")')
    await page.waitForSelector('.approval', { state: 'detached' })
    await page.setViewportSize({ width: 1_280, height: 800 })
  })

  it('[PAG4] a question is answered by its choices, and what another client decides disappears here', async () => {
    const { test, page, begin, show } = site
    await show(await begin('ask me'))
    await page.waitForSelector('.approval fieldset')
    expect(await page.isDisabled('.approval footer button:first-child')).toBe(true)
    // Nor does its key send an answer that is none.
    await page.waitForSelector('.approval kbd')
    await page.keyboard.press('1')
    expect(await page.isDisabled('.approval footer button:last-child')).toBe(false)
    await page.check('.approval input[type=radio] >> nth=1')
    await page.click('.approval footer button:first-child')
    await page.waitForSelector('.approval', { state: 'detached' })
    const id = await begin('run again')
    await show(id)
    await page.waitForSelector('.approval')
    const client = test.client('phone')
    const { approvals } = await client.request('session/get', { sessionId: id })
    const approvalId = String(approvals.find(({ state }) => state === 'pending')?.id)
    await page.waitForSelector('.commandExecution .ok:text-is("waits for you")')
    await client.command('approval/decide', { sessionId: id, approvalId, answer: { choice: 'cancel' } })
    await page.waitForSelector('.approval', { state: 'detached' })
    const said = '“Decline and stop the turn”, by phone'
    await page.waitForSelector(`.decided:has-text("${said}")`)
    await page.goto(`${test.hub.url}/#session=inbox`)
    await page.waitForSelector(`.entry.over[data-entry=approval]:has-text("run again"):has-text("${said}")`)
    await page.waitForSelector(
      `.entry[data-entry=finished]:has-text("run again was stopped"):has-text("${said}")`,
    )
  })

  it('[PAG107] what is withdrawn because its turn was stopped says so', async () => {
    const { test, page, begin, show } = site
    const id = await begin('run once more')
    await show(id)
    await page.waitForSelector('.approval')
    await test.client('phone').command('session/interrupt', { sessionId: id })
    await page.waitForSelector('.approval', { state: 'detached' })
    await page.waitForSelector('.decided:has-text("the turn was stopped")')
    expect(await page.textContent('.decided')).toBe(
      'touch made.txt && echo hi: nobody has to answer any more: the turn was stopped',
    )
  })

  it('[PAG110] the form of an MCP server is filled in and sent from the keyboard, and shows all ways to answer', async () => {
    const { page, begin, show } = site
    await show(await begin('order it'))
    await page.waitForSelector('.approval kbd')
    expect(await page.textContent('.approval .asked-text')).toBe('asks: Which colour?')
    expect(await page.locator('.approval footer button').allTextContents()).toEqual([
      '1 Accept',
      '2 Decline',
      '3 Cancel',
    ])
    // Its one field is required.
    await page.keyboard.press('1')
    expect(await page.isDisabled('.approval footer button:first-child')).toBe(true)
    await page.focus('.approval label:has-text("Colour") input')
    await page.keyboard.type('blue 1')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.approval', { state: 'detached' })
    await page.waitForSelector('.mcpToolCall.completed')
    expect(await page.textContent('.mcpToolCall .output')).toContain('blue 1')
  })

  it('[PAG68] the inbox holds what waits in every session, and a key answers one at a time, never one held down', async () => {
    const { test, page, begin } = site
    const [first, second] = [await begin('run one'), await begin('run two')]
    const stateOf = async (id: string) => {
      const { approvals } = await test.client('looks').request('session/get', { sessionId: id })
      return approvals.map(({ state }) => state)
    }
    await page.goto(`${test.hub.url}/`)
    await page.waitForSelector('.side button.waiting')
    await page.keyboard.press('i')
    await page.waitForFunction(() => document.querySelectorAll('.inbox .approval').length === 2)
    await page.waitForSelector('.inbox article:first-child .approval kbd')
    expect(await page.locator('.inbox article:last-child .approval kbd').count()).toBe(0)
    await page.keyboard.down('1')
    await page.waitForFunction(() => document.querySelectorAll('.inbox .approval').length === 1)
    await page.waitForSelector('.inbox .approval kbd')
    // Still held down: the keyboard repeats it.
    await page.keyboard.down('1')
    expect([await stateOf(first), await stateOf(second)]).toEqual([['decided'], ['pending']])
    await page.keyboard.up('1')
    await page.keyboard.press('1')
    await page.waitForSelector('.inbox .approval', { state: 'detached' })
    expect(await page.textContent('.inbox h1')).toBe('Nothing waits for you')
    expect(await stateOf(second)).toEqual(['decided'])
    for (const title of ['run one', 'run two'])
      await page.waitForSelector(`.entry[data-entry=finished]:has-text("${title} is done")`)
  })

  it('[PAG96] what asked for a person is written down in the inbox: new until it was looked at, over when it is, and a way to its session', async () => {
    const { test, page, begin } = site
    await page.goto(`${test.hub.url}/#session=inbox`)
    await page.waitForSelector('.inbox .log')
    await page.goto(`${test.hub.url}/`)
    await page.waitForSelector('.bell[aria-label="Inbox"]')
    const done = await begin('hello, log')
    await page.waitForSelector('.bell[aria-label="Inbox, 1 new"]')
    expect(await page.textContent('.bell small')).toBe('1')
    await page.keyboard.press('i')
    const row = '.entry[data-entry=finished]:has-text("hello, log")'
    await page.waitForSelector(`${row} .badge`)
    expect(await page.textContent(`${row} .what`)).toBe('hello, log is donenew')
    // Having been looked at it is new no more, in no tab and at no later time.
    await page.waitForSelector('.bell[aria-label="Inbox"]')
    await page.click('.log button:has-text("Mark all as read")')
    await page.waitForSelector(`${row}.over:has-text("over for")`)
    await page.click(row)
    await page.waitForSelector('.head h1:text-is("hello, log")')
    expect(page.url()).toContain(done)
  })

  it('[PAG69] who looks elsewhere and wants it is told once of what waits, in one of two tabs, without what the agent wrote; it closes when that is over', async () => {
    const { test, browser, link, begin } = site
    const context = await browser.newContext()
    await context.addInitScript(() => {
      const told: string[] = []
      const shut: string[] = []
      class Told {
        static permission = 'granted'
        static requestPermission = async () => 'granted'
        onclick = null
        readonly title: string
        close(): void {
          shut.push(this.title)
        }
        constructor(title: string, { body }: { body: string }) {
          this.title = title
          told.push(`${title}: ${body}`)
        }
      }
      Object.assign(globalThis, { Notification: Told, told, shut })
    })
    const other = await context.newPage()
    await other.goto(link())
    await other.waitForSelector('.connection.live')
    await other.click('[aria-label=Settings]')
    await other.check('dialog input[type=checkbox]')
    await other.keyboard.press('Escape')
    // A second tab of the same browser.
    const second = await context.newPage()
    await second.goto(`${test.hub.url}/`)
    await second.waitForSelector('.connection.live')
    const tabs = [other, second]
    const all = async (name: 'told' | 'shut') => {
      const each = tabs.map((tab) =>
        tab.evaluate((key) => (globalThis as unknown as Record<string, string[]>)[key] ?? [], name),
      )
      return (await Promise.all(each)).flat()
    }
    const hide = (tab: typeof other) =>
      tab.evaluate(() => Object.defineProperty(document, 'visibilityState', { value: 'hidden' }))
    await hide(other)
    // What one of the tabs shows need not be told by the other.
    const seen = await begin('hello, seen')
    for (const tab of tabs) await tab.waitForSelector(`[data-session="${seen}"] .state.finished`)
    await hide(second)
    const asking = await begin('run unseen')
    await until(async () => (await all('told')).length > 0)
    const client = test.client('phone')
    const { approvals } = await client.request('session/get', { sessionId: asking })
    const approvalId = String(approvals.find(({ state }) => state === 'pending')?.id)
    await client.command('approval/decide', { sessionId: asking, approvalId, answer: { choice: 'cancel' } })
    await until(async () => (await all('shut')).length > 0)
    await until(async () => (await all('told')).includes('run unseen: was stopped'))
    await begin('hello, unseen')
    await until(async () => (await all('told')).includes('hello, unseen: is done'))
    expect(await all('shut')).toEqual(['run unseen'])
    expect((await all('told')).toSorted()).toEqual([
      'hello, unseen: is done',
      'run unseen: needs your approval',
      'run unseen: was stopped',
    ])
    await context.close()
  })
})
