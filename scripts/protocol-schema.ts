/** The whole protocol as one JSON value: methods, notifications, errors and close codes. */
import { z } from 'zod'
import { CLOSE_CODES } from '../src/protocol/close-codes.ts'
import { ERRORS, errorDataSchema } from '../src/protocol/errors.ts'
import { exportSchema } from '../src/protocol/export.ts'
import { METHODS } from '../src/protocol/methods.ts'
import { NOTIFICATIONS } from '../src/protocol/notifications.ts'
import { PROTOCOL_VERSION, SUBPROTOCOL_JSON, SUBPROTOCOL_SUPERJSON } from '../src/protocol/version.ts'

const shape = (schema: z.ZodType, io: 'input' | 'output') => z.toJSONSchema(schema, { io })

export function protocolSchema(): object {
  const methods = Object.entries(METHODS).map(([name, { scope, mutates, params, result }]) => [
    name,
    { scope, mutates, params: shape(params, 'input'), result: shape(result, 'output') },
  ])
  const notifications = Object.entries(NOTIFICATIONS).map(([name, schema]) => [name, shape(schema, 'output')])
  return {
    title: 'codex-hub protocol',
    protocolVersion: PROTOCOL_VERSION,
    subprotocols: [SUBPROTOCOL_JSON, SUBPROTOCOL_SUPERJSON],
    methods: Object.fromEntries(methods),
    notifications: Object.fromEntries(notifications),
    export: shape(exportSchema, 'output'),
    errors: ERRORS,
    errorData: shape(errorDataSchema, 'output'),
    closeCodes: CLOSE_CODES,
  }
}
