/** Agents in the settings of the page. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectHub, type HubClient } from '../../src/client/client.ts'
import { isNewCodex, openSite, type Site } from './site.ts'

describe.runIf(isNewCodex)('agents in the page', () => {
  let site: Site
  let agent: HubClient

  beforeAll(async () => {
    site = await openSite()
    const { url, token } = site.test.hub
    agent = connectHub({ url, token, client: { id: 'ci', name: 'ci' }, agent: { name: 'ci' } })
    await agent.request('agent/begin', { callId: 'call-of-ci', tool: 'list_sessions' })
    await agent.request('agent/end', { callId: 'call-of-ci', outcome: 'done', error: null })
  }, 60_000)
  afterAll(async () => {
    agent.close()
    await site.close()
  })

  it('[MCP29] one agent, and all of them, are locked out and let in; what they did is shown', async () => {
    const { page, test } = site
    await page.click('button[aria-label="Settings"], button:has-text("Settings")')
    await page.click('dialog nav button:has-text("Agents")')
    await page.waitForSelector('dialog .calls tr:has-text("list_sessions"):has-text("done")')
    await page.click('dialog .agent button:has-text("Lock ci out")')
    await page.waitForSelector('dialog .agent:has-text("Locked out.")')
    expect(agent.connection.getSnapshot()).toMatchObject({ status: 'refused', code: 4403 })
    await page.click('dialog .agent button:has-text("Let ci in again")')
    await page.waitForSelector('dialog .agent button:has-text("Lock ci out")')
    await page.click('dialog button:has-text("Lock all agents out")')
    await page.waitForSelector('dialog button:has-text("Let agents in again")')
    const { closedAt } = await test.client('person').request('agent/list', {})
    expect(closedAt).toBeGreaterThan(0)
  })
})
