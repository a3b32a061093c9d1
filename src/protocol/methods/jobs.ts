/** What Codex does for a client outside of any session: quick commands, and following any job. */
import { z } from 'zod'
import { cursorSchema } from '../cursor.ts'
import { jobSchema } from '../job.ts'
import { sandboxModeSchema } from '../settings.ts'
import { folder, place } from './place.ts'
import { command, type MethodShape, method, query } from './shape.ts'
import { subscribed } from './subscriptions.ts'

const jobId = z.string().min(1).max(100)
const DAY_MS = 24 * 60 * 60_000

export const JOB_METHODS = {
  'exec/start': method({
    scope: 'operate',
    mutates: true,
    params: command({
      ...place,
      /** The program and its arguments; no shell reads them. */
      command: z.array(z.string().max(65_536)).min(1).max(1_000),
      /** Otherwise the session's folder. */
      cwd: folder.optional(),
      /** Otherwise the session's, else what Codex is configured with. */
      sandbox: sandboxModeSchema.optional(),
      /** Ended after so long; without it only by `job/cancel`. */
      timeoutMs: z.int().min(1).max(DAY_MS).optional(),
      /** Whether `exec/write` will give it an input; otherwise that is empty. */
      stdin: z.boolean().default(false),
    }),
    result: z.object({ job: jobSchema }),
  }),
  'exec/write': method({
    scope: 'operate',
    mutates: true,
    params: command({
      jobId,
      text: z.string().max(1_048_576).default(''),
      /** Nothing more will come. */
      close: z.boolean().default(false),
    }),
    result: z.object({}),
  }),
  'job/list': method({
    scope: 'operate',
    mutates: false,
    params: query({}),
    result: z.object({ jobs: z.array(jobSchema) }),
  }),
  'job/cancel': method({
    scope: 'operate',
    mutates: true,
    params: command({ jobId }),
    result: z.object({ job: jobSchema }),
  }),
  'job/subscribe': method({
    scope: 'operate',
    mutates: false,
    params: query({ jobId, cursor: cursorSchema.optional() }),
    result: subscribed,
  }),
  'job/unsubscribe': method({
    scope: 'operate',
    mutates: false,
    params: query({ jobId }),
    result: z.object({}),
  }),
} as const satisfies Record<string, MethodShape>
