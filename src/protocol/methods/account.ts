/** The account of a home: who is logged in, and what may still be used. */
import { z } from 'zod'
import { accountSchema, rateLimitSchema, usageSchema } from '../account.ts'
import { jobSchema } from '../job.ts'
import { place } from './place.ts'
import { command, type MethodShape, method, query } from './shape.ts'

export const ACCOUNT_METHODS = {
  'account/read': method({
    scope: 'operate',
    mutates: false,
    params: query({ ...place }),
    result: accountSchema,
  }),
  'account/login': method({
    scope: 'admin',
    mutates: true,
    params: command({
      home: place.home,
      /** `browser`: on this machine. `deviceCode`: in any browser, by a code. `apiKey`: at once. */
      method: z.enum(['browser', 'deviceCode', 'apiKey']),
      apiKey: z.string().min(1).max(1_000).optional(),
    }),
    result: z.object({ job: jobSchema }),
  }),
  'account/logout': method({
    scope: 'admin',
    mutates: true,
    params: command({ home: place.home }),
    result: accountSchema,
  }),
  'account/rateLimits': method({
    scope: 'operate',
    mutates: false,
    params: query({ ...place }),
    result: z.object({ limits: z.array(rateLimitSchema) }),
  }),
  'account/usage': method({
    scope: 'operate',
    mutates: false,
    params: query({ ...place }),
    result: usageSchema,
  }),
} as const satisfies Record<string, MethodShape>
