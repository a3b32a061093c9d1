/**
 * Writes `protocol.schema.json`, the protocol's shapes as JSON Schema, and its hash beside the test that guards it. While
 * version 1 is unreleased the hash follows; from the release on, a changed hash means a new PROTOCOL_VERSION (REP5).
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { PROTOCOL_VERSION } from '../src/protocol/version.ts'
import { protocolSchema } from './protocol-schema.ts'

const schema = `${JSON.stringify(protocolSchema(), null, 1)}\n`
writeFileSync(new URL('../protocol.schema.json', import.meta.url), schema)

const hashesFile = new URL('../test/protocol/schema-hashes.json', import.meta.url)
const hashes = JSON.parse(readFileSync(hashesFile, 'utf8')) as Record<string, string>
hashes[PROTOCOL_VERSION] = createHash('sha256').update(schema).digest('hex').slice(0, 16)
writeFileSync(hashesFile, `${JSON.stringify(hashes, null, 2)}\n`)
