import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generate } from '../../../scripts/generate-codex-types.ts'
import { locateCodex } from '../../../src/connectors/codex/locate.ts'

const FOLDER = new URL('../../../src/connectors/codex/generated/', import.meta.url)

describe('generated types', () => {
  it('[COD59] the checked in types are those of the bundled Codex', async () => {
    const { path } = await locateCodex({ env: {} })
    const fresh = await generate(path)
    const checkedIn = Object.fromEntries(
      Object.keys(fresh).map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]),
    )
    expect(checkedIn).toEqual(fresh)
  })
})
