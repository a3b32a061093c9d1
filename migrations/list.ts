/**
 * All migrations in order. Listed by hand, not found by reading a folder, so that the compiled hub has them too.
 * **Invariant:** a released migration never changes; `test/fixtures/databases` holds a database frozen after each.
 */
import type { Migration } from 'kysely/migration'
import { up as initial } from './0001-initial.ts'
import { up as rollouts } from './0002-rollouts.ts'
import { up as search } from './0003-search.ts'
import { up as dropped } from './0004-dropped.ts'
import { up as queue } from './0005-queue.ts'
import { up as agents } from './0006-agents.ts'
import { up as attention } from './0007-attention.ts'
import { up as subagents } from './0008-subagents.ts'
import { up as isolation } from './0009-isolation.ts'
import { up as untoldSettings } from './0010-untold-settings.ts'
import { up as unendedItems } from './0011-unended-items.ts'

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-initial': { up: initial },
  '0002-rollouts': { up: rollouts },
  '0003-search': { up: search },
  '0004-dropped': { up: dropped },
  '0005-queue': { up: queue },
  '0006-agents': { up: agents },
  '0007-attention': { up: attention },
  '0008-subagents': { up: subagents },
  '0009-isolation': { up: isolation },
  '0010-untold-settings': { up: untoldSettings },
  '0011-unended-items': { up: unendedItems },
}
