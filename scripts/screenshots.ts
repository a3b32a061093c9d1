/**
 * Takes the pictures of the page in `docs/screenshots`: a real hub, the real Codex with a scripted model, a real browser.
 * Run it after a change of how the page looks, and look at each.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { VERSION } from '../src/cli/version.ts'
import type { HubClient } from '../src/client/client.ts'
import type { SettingsRequest } from '../src/protocol/settings.ts'
import { openBrowser, openPage } from '../test/harness/browser.ts'
import { makeHub } from '../test/harness/hub.ts'
import { isIdle, stateWhere, text } from '../test/harness/watch.ts'
import { finish, makeProject, script } from './screenshot-story.ts'

const OUT = 'docs/screenshots'
const DESKTOP = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 780 }
const SMALL_PHONE = { width: 360, height: 640 }

async function makeSessions(
  client: HubClient,
  root: string,
): Promise<Record<'cart' | 'release' | 'question' | 'plan', string>> {
  const [shop, api] = [makeProject(join(root, 'code', 'shop')), makeProject(join(root, 'code', 'api'))]
  const create = async (
    cwd: string,
    prompt: string,
    done: Parameters<typeof stateWhere>[1],
    more: SettingsRequest = {},
  ): Promise<string> => {
    const settings: SettingsRequest = { approvalPolicy: 'on-request', sandbox: 'workspace-write', ...more }
    const { session } = await client.command('session/create', { cwd, settings, input: text(prompt) })
    const handle = client.session(session.id)
    await stateWhere(handle, done)
    handle.release()
    return session.id
  }
  const isAsking: Parameters<typeof stateWhere>[1] = ({ approvals }) => approvals.length > 0
  await create(api, 'Write the migration for the address table', isIdle)
  await create(shop, 'Add pagination to the orders page', isIdle)
  await create(api, 'Upgrade the payment client', isIdle)
  const plan = await create(shop, 'Plan how addresses are checked', isIdle, { mode: 'plan' })
  const question = await create(api, 'Which database fits the addresses?', isAsking)
  const release = await create(shop, 'Release 2.4.0', isAsking)
  const cart = await create(shop, 'Why is the cart off by a cent?', ({ items }) =>
    items.some(({ body, type }) => type === 'agentMessage' && String(body.text).includes('whole suite')),
  )
  return { cart, release, question, plan }
}

execFileSync(process.execPath, ['scripts/build-web.ts', '--if-stale'], { stdio: 'inherit' })
// A person's folders: whatever lies in it is shown from `~`, and nothing of this machine is in a picture.
const root = mkdtempSync(join(tmpdir(), 'shots-'))
process.env.HOME = root
const test = await makeHub({
  script,
  model: 'gpt-5.5',
  home: join(root, '.codex'),
  hub: { version: VERSION },
  toml: '[features]\ndefault_mode_request_user_input = true',
})
const browser = await openBrowser()
try {
  const ids = await makeSessions(test.client('screenshots'), root)
  const link = `${test.hub.url}/#token=${test.hub.token}`
  const take = async (page: Page, name: string): Promise<void> => {
    await page.waitForFunction(() => document.fonts.status === 'loaded')
    // What is pointed at looks otherwise.
    await page.mouse.move(0, 0)
    await page.screenshot({ path: join(OUT, `${name}.png`), animations: 'disabled' })
    console.log(`${name}.png`)
  }
  const show = async (page: Page, id: string): Promise<void> => {
    await page.click(`[data-session="${id}"]`)
    await page.waitForSelector('.item')
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, faults } = await openPage(browser, link, DESKTOP)
    await page.emulateMedia({ colorScheme })
    await page.waitForSelector(`[data-session="${ids.cart}"]`)
    if (colorScheme === 'dark') {
      await page.keyboard.press('i')
      await page.waitForSelector('.inbox .approval kbd')
      await take(page, 'inbox-dark')
    }
    await show(page, ids.cart)
    await page.waitForSelector('.diff')
    await page.waitForSelector('.code .hljs-keyword')
    await take(page, `session-${colorScheme}`)
    if (colorScheme === 'light') {
      await page.click('#tab-changes')
      await page.click('[aria-label="Wide details"]')
      await page.click('.panel button:has-text("Split")')
      await page.waitForSelector('.panel .pair')
      await take(page, 'changes-light')
      await page.click('[aria-label="Wide details"]')
      await page.click('#tab-session')
    }
    await show(page, ids.release)
    await page.waitForSelector('.approval kbd')
    await take(page, `approval-${colorScheme}`)
    if (colorScheme === 'light') {
      await page.keyboard.press('n')
      await page.waitForSelector('dialog[open]')
      await page.keyboard.type('Write the release notes from the commits since v2.3.0')
      await take(page, 'new-session-light')
      await page.keyboard.press('Escape')
      await page.click('[aria-label=Settings]')
      await page.click('dialog nav button:text-is("Hub")')
      await page.waitForSelector('dialog .processes')
      await take(page, 'hub-light')
      await page.keyboard.press('Escape')
      await page.click('.side footer button:text-is("All threads")')
      await page.waitForSelector('.threads li')
      await take(page, 'threads-light')
      await page.keyboard.press('Escape')
      await show(page, ids.plan)
      await page.waitForSelector('.plan-card kbd')
      await take(page, 'plan-light')
    } else {
      await page.click('[aria-label=Settings]')
      await page.click('dialog nav button:text-is("Codex homes")')
      await page.waitForSelector('dialog .home')
      await take(page, 'homes-dark')
    }
    if (faults.length > 0) throw new Error(faults.join('\n'))
    await page.context().close()
  }
  const { page } = await openPage(browser, link, PHONE)
  await page.waitForSelector(`[data-session="${ids.cart}"]`)
  await take(page, 'phone-list')
  await show(page, ids.question)
  await page.waitForSelector('.approval')
  await take(page, 'phone-question')
  await page.goBack()
  await show(page, ids.cart)
  await page.waitForSelector('.diff')
  await take(page, 'phone-session')
  await page.goBack()
  await page.click('.bell')
  await page.waitForSelector('.inbox .approval')
  await page.locator('.log').scrollIntoViewIfNeeded()
  await take(page, 'phone-inbox')
  await page.goBack()
  await show(page, ids.cart)
  await page.waitForSelector('.diff')
  await page.setViewportSize(SMALL_PHONE)
  await page.click('[aria-label=Details]')
  await page.click('#tab-changes')
  await page.waitForSelector('.panel .line')
  await take(page, 'phone-changes')
} finally {
  finish()
  await browser.close()
  await test.close()
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
}
