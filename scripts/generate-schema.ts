/** Writes `protocol.schema.json`: the protocol's shapes as JSON Schema, from the zod schemas of `src/protocol`. */
import { writeFileSync } from 'node:fs'
import { protocolSchema } from './protocol-schema.ts'

writeFileSync(
  new URL('../protocol.schema.json', import.meta.url),
  `${JSON.stringify(protocolSchema(), null, 1)}\n`,
)
