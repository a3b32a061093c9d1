/** What Codex knows beside the sessions of the hub, and what comes as a file. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recordingPath } from '../connectors/rollout/rollouts.ts'
import { isIdle, stateWhere } from '../harness/watch.ts'
import { aroundTests, CALLED, CALLER, isNewCodex, type Site } from './site.ts'

describe.runIf(isNewCodex)('threads and files in the page', () => {
  let site: Site
  aroundTests((opened) => {
    site = opened
  })

  /** A session that has ended its first turn. */
  async function ended(prompt: string): Promise<string> {
    const id = await site.begin(prompt)
    const view = site.test.client('laptop').session(id)
    await stateWhere(view, isIdle)
    view.release()
    return id
  }

  it('[PAG100] every thread of Codex is found, shown, forked, and adopted where it was deleted here', async () => {
    const { test, page } = site
    const [kept, dropped] = [await ended('hello, kept'), await ended('hello, dropped')]
    const client = test.client('laptop')
    await client.command('session/delete', { sessionId: dropped })
    await page.waitForSelector(`[data-session="${dropped}"]`, { state: 'detached' })
    await page.keyboard.press('t')
    await page.waitForSelector('.threads li:has-text("hello, kept")')
    await page.waitForSelector('.threads li:has-text("hello, dropped"):has-text("not in the hub")')
    await page.fill('.threads input[type=search]', 'dropped')
    await page.waitForSelector('.threads li:has-text("hello, kept")', { state: 'detached' })
    await page.click('.threads button[aria-label="Adopt: hello, dropped"]')
    await page.waitForSelector('.head h1:text-is("hello, dropped")')
    await page.waitForSelector('.agentMessage.completed')
    await page.keyboard.press('t')
    await page.fill('.threads input[type=search]', 'kept')
    await page.waitForSelector('.threads li:has-text("hello, dropped")', { state: 'detached' })
    await page.click('.threads button[aria-label="Open: hello, kept"]')
    await page.waitForSelector('.head h1:text-is("hello, kept")')
    await page.keyboard.press('t')
    await page.click('.threads button[aria-label="Fork: hello, kept"]')
    await page.waitForFunction((before) => !location.hash.includes(before), kept)
    const { sessions } = await client.request('session/list', {})
    const forks = sessions.filter(({ forkedFromThreadId }) => forkedFromThreadId !== null)
    expect(forks.map(({ id }) => page.url().endsWith(id))).toEqual([true])
  })

  it('[PAG100] what rests is resumed from there, without a prompt', async () => {
    const { test, page } = site
    const id = await ended('hello, resting')
    const client = test.client('laptop')
    const view = client.session(id)
    await client.command('session/end', { sessionId: id })
    await stateWhere(view, ({ summary }) => summary.door === 'dormant')
    await page.keyboard.press('t')
    await page.click('.threads button[aria-label="Resume: hello, resting"]')
    await page.waitForSelector('.head h1:text-is("hello, resting")')
    const state = await stateWhere(
      view,
      ({ summary }) => summary.door === 'driven' && summary.phase === 'idle',
    )
    view.release()
    expect(state.turns).toHaveLength(1)
    await page.keyboard.press('t')
    await page.waitForSelector('.threads li:has-text("hello, resting"):has-text("driven")')
    expect(await page.locator('.threads button[aria-label="Resume: hello, resting"]').count()).toBe(0)
    await page.keyboard.press('Escape')
  })

  it('[PAG100] of several homes one is chosen; one that is not watched is once that is asked for, and its thread is adopted', async () => {
    const { test, page } = site
    const client = test.client('laptop')
    await ended('hello, own home')
    const other = mkdtempSync(join(tmpdir(), 'home-'))
    const day = join(other, 'sessions/2026/11/21')
    mkdirSync(day, { recursive: true })
    const recording = recordingPath('0.169.0')
    copyFileSync(recording, join(day, basename(recording)))
    copyFileSync(join(test.codex.home, 'config.toml'), join(other, 'config.toml'))
    await client.command('home/set', { home: other, adopt: false })
    await page.keyboard.press('t')
    await page.waitForSelector('.threads li:has-text("hello, own home")')
    await page.selectOption('.threads select', other)
    await page.waitForSelector('.threads li:has-text("Say hello"):has-text("not in the hub")')
    expect(await page.locator('.threads li:has-text("hello, own home")').count()).toBe(0)
    // Nothing is taken from a home that is not watched, and no button says so.
    expect(await page.locator('.threads button[aria-label^="Adopt"]').count()).toBe(0)
    await page.click('.threads .unwatched button')
    await page.waitForSelector('.threads .unwatched', { state: 'detached' })
    // Adopted by itself meanwhile, or by this.
    await page.click('.threads li:has-text("Say hello") .acts button >> nth=-1')
    await page.waitForSelector('.head h1:has-text("Say hello")')
    await page.waitForSelector('.agentMessage')
    await page.keyboard.press('t')
    await page.waitForSelector('.threads li:has-text("hello, own home")')
    await page.selectOption('.threads select', test.codex.home)
    await page.waitForSelector('.threads li:has-text("hello, own home")')
    await page.keyboard.press('Escape')
    await client.command('home/forget', { home: other })
    rmSync(other, { recursive: true, force: true, maxRetries: 5 })
  })

  it('[PAG101] a session of another hub is imported from a file that is chosen or dropped, and what is none is refused in words', async () => {
    const { test, page } = site
    const id = await ended('hello, export')
    let json = ''
    for await (const { text } of test.client('laptop').exportSession(id)) json += text
    await page.click('.side footer button:text-is("Import")')
    const file = (name: string, content: string) => ({
      name,
      mimeType: 'application/json',
      buffer: Buffer.from(content),
    })
    await page.setInputFiles('dialog input[type=file]', file('no.json', '{"not":"one"}'))
    await page.click('dialog button[type=submit]')
    await page.waitForSelector('dialog [role=alert]')
    const other = json.replaceAll(id, 'ses_from_elsewhere')
    await page.setInputFiles('dialog input[type=file]', file('yes.json', other))
    await page.click('dialog button[type=submit]')
    await page.waitForSelector('dialog', { state: 'detached' })
    await page.waitForSelector('.facts:has-text("imported"):has-text("a file of another hub")')
    await page.waitForSelector('.agentMessage:has-text("You said")')
    // Dropped on the list it is asked about first.
    await page.evaluate((content) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([content], 'dropped.json'))
      const side = document.querySelector('.side') as HTMLElement
      side.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
    }, json)
    await page.waitForSelector('dialog .drop:has-text("dropped.json")')
    await page.keyboard.press('Escape')
  })

  it('[PAG102] the facts of a session name the agent that made it, and its session', async () => {
    const { page, show } = site
    await show(CALLED)
    await page.waitForSelector('.facts:has-text("the agent helper")')
    await page.click('.facts a')
    await page.waitForFunction((id) => location.hash.includes(id), CALLER)
  })
})
