/** The page while its hub is killed in the middle of everything, with the real Codex going on behind it. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Script } from '../../src/demo/scripted-model.ts'
import { openBrowser, openPage } from '../harness/browser.ts'
import { type HubProcess, makeHubProcess } from '../harness/hub-process.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { stateWhere, text } from '../harness/watch.ts'

/** A hand on the tap: how far the model has told its story. */
let tellMore: () => void = () => {}
const more = new Promise<void>((resolve) => {
  tellMore = resolve
})

const script: Script = ({ lastUserText, afterTool }) => {
  if (afterTool) return [{ say: 'The command ran.' }]
  if (lastUserText === 'tell') return [{ say: 'It began ' }, { until: more }, { say: 'and it ended well.' }]
  const args = { cmd: 'echo hi', sandbox_permissions: 'require_escalated', justification: 'to see' }
  return [{ call: 'exec_command', args }]
}

describe.runIf((await versionOfTestCodex()).localeCompare('0.142.0', 'en', { numeric: true }) >= 0)(
  'a page whose hub is killed',
  () => {
    let hub: HubProcess
    let browser: Browser
    let token: string
    beforeAll(async () => {
      hub = await makeHubProcess({ script })
      token = ((await hub.start()) as { token?: string }).token ?? ''
      browser = await openBrowser()
    }, 60_000)
    afterAll(async () => {
      await browser.close()
      await hub.close()
    })

    it('[PAG65] nothing is lost to the page when its hub is killed: the running turn ends before its eyes, and the open approval is answered there', async () => {
      const client = hub.client()
      const settings = { approvalPolicy: 'on-request', sandbox: 'read-only' as const }
      const create = async (prompt: string): Promise<string> => {
        const input = text(prompt)
        const { session } = await client.command('session/create', {
          cwd: hub.codex.project,
          settings,
          input,
        })
        return session.id
      }
      const [telling, asking] = [await create('tell'), await create('run')]
      await stateWhere(client.session(asking), ({ approvals }) => approvals.length > 0)
      const watched = await openPage(browser, `${hub.url}/#token=${token}`)
      const { page } = watched
      await page.click(`[data-session="${telling}"]`)
      await page.waitForFunction(() => document.body.textContent?.includes('It began'))
      // What the page keeps for times without a hub is fetched once, and not while the hub is killed.
      await page.waitForFunction(() => navigator.serviceWorker.controller !== null)

      const port = Number(new URL(hub.url).port)
      watched.isHubAway = true
      await hub.kill()
      await page.waitForSelector('.connection.offline')
      tellMore()
      await hub.start({ port })
      await page.waitForSelector('.connection.live', { timeout: 30_000 })
      await page.waitForFunction(() => document.body.textContent?.includes('and it ended well.'))

      await page.click(`[data-session="${asking}"]`)
      await page.waitForSelector('.approval kbd')
      await page.keyboard.press('1')
      await page.waitForFunction(() => document.body.textContent?.includes('The command ran.'))
      expect(watched.faults).toEqual([])
    }, 60_000)
  },
)
