/** The page in a real browser, against the real hub and the real Codex with a scripted model. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Script } from '../../src/demo/scripted-model.ts'
import { openBrowser, openPage, type WatchedPage } from '../harness/browser.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { writeLongSession } from '../harness/seed.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { text } from '../harness/watch.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const LONG = 'ses_long'
const PATCH = '*** Begin Patch\n*** Update File: notes.txt\n@@\n-old\n+new\n*** End Patch'

const script: Script = (request) => {
  if (request.afterTool) return [{ say: 'It is **done**.' }]
  const [word] = request.lastUserText.split(' ')
  if (word === 'run') {
    const args = {
      cmd: 'touch made.txt && echo hi',
      sandbox_permissions: 'require_escalated',
      justification: 'to see',
    }
    return [{ call: 'exec_command', args }]
  }
  if (word === 'patch') return [{ custom: 'apply_patch', input: PATCH }]
  if (word === 'ask') {
    const options = [
      { label: 'Red', description: 'warm' },
      { label: 'Blue', description: 'cold' },
    ]
    return [
      {
        call: 'request_user_input',
        args: { questions: [{ id: 'colour', header: 'Colour', question: 'Which colour?', options }] },
      },
    ]
  }
  if (word === 'slow') return [{ say: 'one two three four five six seven eight nine ten', pauseMs: 60 }]
  return [
    {
      say: `You said *${request.lastUserText}*.\n\n- a list\n\n\`\`\`ts\nconst x = 1\n\`\`\`\n\n<img src=x onerror="alert(1)">`,
    },
  ]
}

describe.runIf((await versionOfTestCodex()).localeCompare('0.160.0', 'en', { numeric: true }) >= 0)(
  'the page',
  () => {
    let test: TestHub
    let browser: Browser
    let watched: WatchedPage
    let page: Page
    const asking = { approvalPolicy: 'on-request', sandbox: 'read-only' as const }
    const begin = async (prompt: string): Promise<string> => {
      const { session } = await test
        .client()
        .command('session/create', { cwd: test.codex.project, settings: asking, input: text(prompt) })
      return session.id
    }
    const link = () => `${test.hub.url}/#token=${test.hub.token}`
    const show = (id: string) => page.goto(`${test.hub.url}/#session=${id}`)

    beforeAll(async () => {
      test = await makeHub({
        script,
        model: 'gpt-5.5',
        toml: '[features]\ndefault_mode_request_user_input = true',
        seed: (store) => writeLongSession(store, LONG, 10_000),
      })
      browser = await openBrowser()
      watched = await openPage(browser, link())
      page = watched.page
      await page.waitForSelector('.connection.live')
    }, 60_000)
    afterAll(async () => {
      await browser.close()
      await test.close()
    })
    afterEach(() => {
      // Nothing went wrong unseen, and nobody but the hub was asked for anything.
      expect(watched.faults.splice(0)).toEqual([])
    })

    it('[PAG1] a link logs a browser in once, and leaves the address bar at once', async () => {
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

    it('[PAG2] a session is started from the page, streams, and is shown as markdown that can do no harm', async () => {
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
      await watched.context.grantPermissions(['clipboard-read', 'clipboard-write'])
      await show(await begin('code, please'))
      await page.waitForSelector('.agentMessage .code .hljs-keyword')
      expect(await page.textContent('.agentMessage .code pre')).toBe('const x = 1')
      await page.hover('.agentMessage .code')
      await page.click('.agentMessage .copy')
      await page.waitForFunction(() => document.querySelector('.copy')?.textContent === 'Copied')
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('const x = 1')
    })

    it('[PAG3] a command and a patch are allowed with one key', async () => {
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
      await page.waitForSelector('.fileChange.completed .diff pre .added')
      expect(readFileSync(join(test.codex.project, 'notes.txt'), 'utf8')).toBe('new\n')
    })

    it('[PAG4] a question is answered by its choices, and what another client decides disappears here', async () => {
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
      await client.command('approval/decide', { sessionId: id, approvalId, answer: { choice: 'cancel' } })
      await page.waitForSelector('.approval', { state: 'detached' })
    })

    it('[PAG5] what needs a person comes first, and the next one is a key away', async () => {
      const id = await begin('run for the list')
      await page.waitForSelector(`[data-session="${id}"] .state.waiting`)
      await page.goto(`${test.hub.url}/`)
      await page.waitForSelector('.list h2')
      expect(await page.textContent('.list section:first-child h2')).toBe('Needs you')
      expect(await page.title()).toBe('(1) codex-hub')
      await page.keyboard.press('g')
      await page.waitForSelector('.approval kbd')
      expect(page.url()).toContain(id)
      await page.keyboard.press('1')
      await page.waitForSelector('.approval', { state: 'detached' })
    })

    it('[PAG6] a phone shows one thing at a time, and nothing is wider than its screen', async () => {
      const id = await begin('hello from a phone')
      const phone = await openPage(browser, link(), { width: 390, height: 800 })
      await phone.page.waitForSelector(`[data-session="${id}"]`)
      expect(await phone.page.isVisible('.main')).toBe(false)
      await phone.page.click(`[data-session="${id}"]`)
      await phone.page.waitForSelector('.agentMessage em')
      expect(await phone.page.isVisible('.side')).toBe(false)
      expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
      await phone.page.click('.back')
      await phone.page.waitForSelector('.row')
      expect(phone.faults).toEqual([])
      await phone.context.close()
    })

    it.each(['light', 'dark'] as const)(
      '[PAG7] axe finds nothing serious, in %s colours, with an approval, a dialog and code',
      async (colorScheme) => {
        await page.emulateMedia({ colorScheme })
        await show(await begin('run for axe'))
        await page.waitForSelector('.approval')
        const serious = async () => {
          await page.evaluate(axe)
          const { violations } = await page.evaluate(() =>
            (
              globalThis as unknown as {
                axe: {
                  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
                }
              }
            ).axe.run(),
          )
          return violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`)
        }
        expect(await serious()).toEqual([])
        await page.keyboard.press('?')
        await page.waitForSelector('dialog[open]')
        expect(await serious()).toEqual([])
        await page.keyboard.press('Escape')
        await page.keyboard.press('1')
        await page.waitForSelector('.approval', { state: 'detached' })
        await show(await begin('code, too'))
        await page.waitForSelector('.agentMessage .code .hljs-keyword')
        expect(await serious()).toEqual([])
      },
    )

    it('[PAG8] [PAG67] a session of 10,000 items is a few dozen elements; older ones come as one scrolls up, and nothing jumps meanwhile', async () => {
      await show(LONG)
      await page.waitForFunction(() => document.body.textContent?.includes('Answer 9999'))
      expect(await page.locator('.place').count()).toBeLessThan(60)
      const step = 300
      const jumps = await page.evaluate(async (by) => {
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
          scroller.scrollBy(0, -by)
          await frame()
          await frame()
          const after = seen()
          const moved = [...before].flatMap(([id, top]) =>
            after.has(id) ? [(after.get(id) ?? 0) - top] : [],
          )
          // What came into view is measured only now: something else that was seen may have moved by that.
          moves.push(Math.min(...moved.map((distance) => Math.abs(distance - by))))
        }
        // Not moving at all is a step that the list took back to keep its place.
        return moves.filter((move) => move > 2 && Math.abs(move - by) > 2)
      }, step)
      expect(jumps).toEqual([])
      expect(await page.locator('.place').count()).toBeLessThan(60)
    })

    it('[PAG68] the inbox holds what waits in every session, and a key answers one at a time, never one held down', async () => {
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
      expect(await page.textContent('.inbox h2')).toBe('Nothing waits for you')
      expect(await stateOf(second)).toEqual(['decided'])
    })

    it('[PAG69] who looks elsewhere and wants it is told once of what waits, without what the agent wrote', async () => {
      const context = await browser.newContext()
      await context.addInitScript(() => {
        const told: string[] = []
        class Told {
          static permission = 'granted'
          static requestPermission = async () => 'granted'
          onclick = null
          close(): void {}
          constructor(title: string, { body }: { body: string }) {
            told.push(`${title}: ${body}`)
          }
        }
        Object.assign(globalThis, { Notification: Told, told })
      })
      const other = await context.newPage()
      await other.goto(link())
      await other.waitForSelector('.connection.live')
      await other.click('[aria-label=Settings]')
      await other.check('dialog input[type=checkbox]')
      await other.keyboard.press('Escape')
      const told = () => other.evaluate(() => (globalThis as unknown as { told: string[] }).told)
      const seen = await begin('hello, seen')
      await other.waitForSelector(`[data-session="${seen}"] .state.finished`)
      await other.evaluate(() => Object.defineProperty(document, 'visibilityState', { value: 'hidden' }))
      const asking = await begin('run unseen')
      await other.waitForSelector(`[data-session="${asking}"] .state.waiting`)
      await other.waitForFunction(() => (globalThis as unknown as { told: string[] }).told.length > 0)
      const done = await begin('hello, unseen')
      await other.waitForSelector(`[data-session="${done}"] .state.finished`)
      await other.waitForFunction(() => (globalThis as unknown as { told: string[] }).told.length > 1)
      expect(await told()).toEqual(['run unseen: needs your approval', 'hello, unseen: is done'])
      await context.close()
    })

    it('[PAG9] a hub that stops and comes back is told honestly, and the page goes on by itself', async () => {
      const id = await begin('before the stop')
      await show(id)
      await page.waitForSelector('.agentMessage em')
      const port = Number(new URL(test.hub.url).port)
      watched.isHubAway = true
      await test.hub.close()
      await page.waitForSelector('.connection.offline')
      expect(await page.textContent('.connection')).toContain('next try in')
      expect(await page.textContent('.head .word')).toContain('not live')
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
  },
)
