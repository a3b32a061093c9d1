/** What a session has beside its turns: a plan that waits for a person, a goal, commands in the background. */
import { describe, expect, it } from 'vitest'
import { until } from '../harness/until.ts'
import { isIdle, stateWhere, text } from '../harness/watch.ts'
import { aroundTests, isNewCodex, type Site } from './site.ts'

describe.runIf(isNewCodex)('plans, goals and background commands in the page', () => {
  let site: Site
  aroundTests((opened) => {
    site = opened
  })

  it('[PAG97] a proposed plan is sent back with what shall be different and carried out with one key, and says so afterwards', async () => {
    const { test, page, propose, show } = site
    const sessionId = await propose('propose much')
    await show(sessionId)
    await page.waitForSelector('.plan-card kbd')
    await page.keyboard.press('2')
    await page.waitForSelector('.plan-card textarea')
    await page.keyboard.type('propose less')
    await page.click('.plan-card button:text-is("Plan again")')
    await page.waitForSelector('.item.plan .answered:has-text("Sent back by web page")')
    await page.waitForSelector('.item.plan:has-text("propose less")')
    await page.waitForSelector('.plan-card kbd')
    await page.keyboard.press('1')
    await page.waitForSelector('.item.plan .answered:has-text("Accepted by web page")')
    await page.waitForSelector('.prompt:has-text("Implement the plan.")')
    expect(await page.locator('.plan-card').count()).toBe(0)
    const view = test.client('laptop').session(sessionId)
    const state = await stateWhere(view, (each) => isIdle(each) && each.turns.length === 3)
    expect(state.summary.settings.mode).toBe('default')
    view.release()
  })

  it('[PAG108] a session at rest shows its goal and the plan that waits, and goes on with it by one key', async () => {
    const { test, page, propose, show } = site
    const sessionId = await propose('propose rest')
    const client = test.client('laptop')
    const view = client.session(sessionId)
    await client.command('goal/set', { sessionId, objective: 'keep calm', status: 'paused' })
    await client.command('session/end', { sessionId })
    await stateWhere(view, ({ summary }) => summary.door === 'dormant')
    await show(sessionId)
    await page.waitForSelector('.goal .objective:text-is("keep calm")')
    await page.waitForSelector('.goal button:text-is("Go on")')
    await page.waitForSelector('.plan-card kbd')
    await page.keyboard.press('1')
    await page.waitForSelector('.item.plan .answered:has-text("Accepted by web page")')
    await page.waitForSelector('.prompt:has-text("Implement the plan.")')
    await stateWhere(view, (each) => isIdle(each) && each.turns.length === 2)
    view.release()
  })

  it('[PAG98] a goal is set, paused, changed and forgotten beside the conversation', async () => {
    const { test, page, begin, show } = site
    const id = await begin('hello, goal')
    await show(id)
    await page.waitForSelector('.agentMessage.completed')
    const goal = async () => (await test.client('looks').request('goal/get', { sessionId: id })).goal
    await page.click('.goal button:text-is("Set a goal")')
    await page.fill('.goal textarea', 'hold the line')
    await page.fill('.goal input', '5000')
    await page.click('.goal button:text-is("Begin")')
    await page.waitForSelector('.goal .objective:text-is("hold the line")')
    await page.click('.goal button:text-is("Pause")')
    await page.waitForSelector('.goal:has-text("paused")')
    expect(await goal()).toMatchObject({ objective: 'hold the line', status: 'paused', tokenBudget: 5_000 })
    await page.click('.goal button:text-is("Forget")')
    await page.waitForSelector('.goal button:text-is("Set a goal")')
    expect(await goal()).toBeNull()
  })

  it('[PAG99] commands in the background are listed with their output, and ended one by one', async () => {
    const { test, page, show } = site
    const client = test.client('laptop')
    const { session } = await client.command('session/create', {
      cwd: test.codex.project,
      settings: { sandbox: 'danger-full-access', approvalPolicy: 'never' },
      input: text('background'),
    })
    await show(session.id)
    await page.click('#tab-background')
    await page.waitForSelector('.terminal .output:has-text("begun")')
    expect(await page.textContent('.terminal header code')).toContain('sleep 1000')
    await page.click('.terminal button:text-is("End it")')
    await page.waitForSelector('.panel .body:has-text("Nothing runs in the background.")')
    await until(async () => {
      const { terminals } = await client.request('terminal/list', { sessionId: session.id })
      return terminals.length === 0
    })
    await page.click('#tab-session')
  })
})
