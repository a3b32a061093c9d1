/** A real terminal of Codex and the page, on one session. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, openPage, type WatchedPage } from '../harness/browser.ts'
import { startDaemon, type TestDaemon } from '../harness/daemon.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { openTerminal, type Terminal } from '../harness/terminal.ts'
import { locateTestCodex } from '../harness/test-codex.ts'
import { isNewCodex } from './site.ts'

const READY = /Ask Codex to do anything|\? for shortcuts/
const { path: codex } = await locateTestCodex()

describe.runIf(isNewCodex)('the page beside a terminal', () => {
  let test: TestHub
  let daemon: TestDaemon
  let terminal: Terminal
  let browser: Browser
  let watched: WatchedPage

  beforeAll(async () => {
    test = await makeHub({
      script: ({ afterTool, lastUserText }) => {
        if (afterTool) return [{ say: 'Made it.' }]
        if (lastUserText !== 'make a file') return [{ say: 'Greetings to both of you.' }]
        const args = { cmd: 'touch it', sandbox_permissions: 'require_escalated', justification: 'May I?' }
        return [{ call: 'exec_command', args }]
      },
      forTerminal: true,
      config: { codexPath: codex },
    })
    daemon = await startDaemon(test.codex)
    await test.hub.adopted
    terminal = openTerminal([codex], { cwd: test.codex.project, env: { CODEX_HOME: test.codex.home } })
    browser = await openBrowser()
    watched = await openPage(browser, `${test.hub.url}/#token=${test.hub.token}`)
    await terminal.shows(READY)
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await terminal.close()
    await test.close()
    await daemon.close()
  }, 60_000)

  it("[PAG75] a terminal's session appears in the page by itself; its approval is answered here, and what is written here shows there", async () => {
    const { page } = watched
    await terminal.send('make a file')
    await page.click('[data-session]:has-text("make a file")')
    await page.waitForSelector('.approval kbd')
    expect(await page.textContent('.panel dl.facts')).toContain('attached')
    await terminal.shows('Would you like to run the following command?')
    await page.keyboard.press('1')
    await terminal.shows('Made it.')
    await page.waitForSelector('.agentMessage:has-text("Made it.")')
    await page.waitForSelector('.composer button[type=submit]:has-text("Send")')
    await page.fill('.composer textarea', 'hello from the page')
    await page.press('.composer textarea', 'Enter')
    await terminal.shows('hello from the page')
    await terminal.shows('Greetings to both of you.')
    await page.waitForSelector('.agentMessage:has-text("Greetings to both of you.")')
    expect(watched.faults).toEqual([])
  })
})
