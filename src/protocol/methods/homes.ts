/** The Codex homes: what is found in them, and whose sessions are adopted. */
import { z } from 'zod'
import { homeSchema } from '../home.ts'
import { folder } from './place.ts'
import { command, type MethodShape, method, query } from './shape.ts'

const homes = z.object({ homes: z.array(homeSchema) })

export const HOME_METHODS = {
  'home/list': method({ scope: 'view', mutates: false, params: query({}), result: homes }),
  'home/set': method({
    scope: 'admin',
    mutates: true,
    params: command({
      /** A `codexHome` of `home/list`; or another folder, which is one from then on. `~/` is the hub's user's. */
      home: folder,
      adopt: z.boolean(),
    }),
    result: homes,
  }),
  'home/forget': method({
    scope: 'admin',
    mutates: true,
    /** Not the hub's own home, which is always one. */
    params: command({ home: folder }),
    result: homes,
  }),
} as const satisfies Record<string, MethodShape>
