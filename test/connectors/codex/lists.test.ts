import { expect, it } from 'vitest'
import { readPages } from '../../../src/connectors/codex/operations/need.ts'

it('[CAT23] a list that comes in pages is told whole; one without an end is refused with how far it was read', async () => {
  const pages = 30
  const few = await readPages(async ({ cursor = '0' }) => {
    const page = Number(cursor)
    return { data: [page], nextCursor: page + 1 < pages ? String(page + 1) : null }
  })
  expect(few).toEqual(Array.from({ length: pages }, (_, page) => page))
  const endless = readPages(async () => ({ data: ['a', 'b'], nextCursor: 'more' }))
  await expect(endless).rejects.toMatchObject({
    fault: 'refused',
    message: expect.stringContaining('did not end after 100 pages with 200 entries'),
    facts: { pages: 100, entries: 200 },
  })
})
