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

const page = readFileSync('PROTOCOL.md', 'utf8')
/** The cells of each row of a table that begins with names in code. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
const quoted = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

it('[REP6] PROTOCOL.md names every method, notification, error and close code', () => {
  const streams = Object.keys(NOTIFICATIONS).map((name) => name.split('/')[1] ?? '')
  const names = [...Object.keys(METHODS), ...streams, ...Object.keys(ERRORS)]
  const codes = [...Object.values(ERRORS), ...Object.values(CLOSE_CODES)].map(({ code }) => String(code))
  expect([...names, ...codes].filter((name) => !page.includes(name))).toEqual([])
})

it('[REP12] PROTOCOL.md names the parameters of every method, and the scope it takes', () => {
  const wrong = Object.entries(METHODS).flatMap(([name, { scope, params }]) => {
    const row = rows.find(([cell]) => quoted(cell).includes(name))
    const said = row ? `${row[2]} ${likewise(row)}` : paragraphsAbout(name)
    // Which Codex is asked is told once, above the table of these methods.
    const told = ['commandId', ...(row && 'home' in params.shape ? ['sessionId', 'home'] : [])]
    const missing = Object.keys(params.shape).filter(
      (key) => !told.includes(key) && !new RegExp(`\\b${key}\\b`).test(said),
    )
    return [
      ...missing.map((key) => `${name} takes ${key}`),
      ...(row && !row[1]?.startsWith(scope) ? [`${name} is for ${scope}`] : []),
    ]
  })
  expect(wrong).toEqual([])
})

it('[REP12] the errors and close codes of PROTOCOL.md are those there are', () => {
  const said = rows.filter(([, code]) => /^-?\d+$/.test(code ?? ''))
  const errors = Object.entries(ERRORS).map(([name, { code, retry, says }]) => [name, `${code}`, retry, says])
  const closes = Object.entries(CLOSE_CODES).map(([name, { code, comeBack }]) => [
    name,
    `${code}`,
    comeBack ? 'yes' : 'no',
  ])
  expect(said.map(([name, ...rest]) => [quoted(name)[0], ...rest]).toSorted()).toEqual(
    [...errors, ...closes].toSorted(),
  )
})

/** What a row that says "as `x`" takes from the row of `x`. */
function likewise([, , parameters = '']: readonly string[]): string {
  const [other] = quoted(/^as (`[^`]+`)/.exec(parameters)?.[1])
  return rows.find(([cell]) => quoted(cell)[0] === other)?.[2] ?? ''
}

function paragraphsAbout(name: string): string {
  return page
    .split('\n\n')
    .filter((part) => part.includes(`\`${name}`))
    .join(' ')
}
