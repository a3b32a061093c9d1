/** Which Codex is asked: that of a session, that of a home, or the hub's own. */
import { z } from 'zod'
import { sessionId } from './shape.ts'

/** One of both at most; with neither the hub's own home. */
export const place = {
  /** The Codex that has the session open; where nothing runs for it, one on its home. */
  sessionId: sessionId.optional(),
  /** A `CODEX_HOME` of `home/list`. */
  home: z.string().min(1).max(4_096).optional(),
}

export const folder = z.string().min(1).max(4_096)
