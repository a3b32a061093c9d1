import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { protocolSchema } from '../../scripts/protocol-schema.ts'
import { CLOSE_CODES } from '../../src/protocol/close-codes.ts'
import { ERRORS } from '../../src/protocol/errors.ts'
import { METHODS } from '../../src/protocol/methods.ts'
import { NOTIFICATIONS } from '../../src/protocol/notifications.ts'
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts'

const schema = `${JSON.stringify(protocolSchema(), null, 1)}\n`

it('[REP4] protocol.schema.json is what src/protocol says; run scripts/generate-schema.ts', () => {
  expect(readFileSync('protocol.schema.json', 'utf8')).toBe(schema)
})

it('[REP5] the schemas of a protocol version are frozen: a change needs a new PROTOCOL_VERSION and its hash', () => {
  const hashes = JSON.parse(readFileSync('test/protocol/schema-hashes.json', 'utf8')) as Record<
    string,
    string
  >
  const hash = createHash('sha256').update(schema).digest('hex').slice(0, 16)
  expect({ version: PROTOCOL_VERSION, hash }).toEqual({
    version: PROTOCOL_VERSION,
    hash: hashes[PROTOCOL_VERSION],
  })
})

it('[REP6] PROTOCOL.md names every method, notification, error and close code', () => {
  const page = readFileSync('PROTOCOL.md', 'utf8')
  const streams = Object.keys(NOTIFICATIONS).map((name) => name.split('/')[1] ?? '')
  const names = [...Object.keys(METHODS), ...streams, ...Object.keys(ERRORS)]
  const codes = [...Object.values(ERRORS), ...Object.values(CLOSE_CODES)].map(({ code }) => String(code))
  expect([...names, ...codes].filter((name) => !page.includes(name))).toEqual([])
})
