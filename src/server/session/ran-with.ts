/** What a turn runs with, written down where it begins: what is changed meanwhile holds from the next one on. Pure. */
import type { SourceTurn } from '../../connectors/event.ts'
import type { Delta } from '../../protocol/delta.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { Summary } from '../../protocol/summary.ts'
import type { Turn } from '../../protocol/turn.ts'

type RanWith = Pick<Turn, 'model' | 'effort' | 'approvalPolicy' | 'sandbox' | 'cwd'>

/** @param known the turn as it is shown already */
export function ranWith({ settings, cwd }: Summary, { status }: SourceTurn, known?: Turn): RanWith {
  const model = known?.model ?? settings.model
  const effort = known?.effort ?? settings.effort
  if (!known && status !== 'inProgress') return { model, effort }
  const { approvalPolicy, sandbox, cwd: folder } = known ?? { ...settings, cwd }
  return {
    model,
    effort,
    ...(approvalPolicy === undefined ? {} : { approvalPolicy }),
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(folder === undefined ? {} : { cwd: folder }),
  }
}

/** A prompt brought settings: before 0.169 Codex tells of them when their turn has begun. */
export function broughtDeltas(
  turns: readonly Turn[],
  turnId: string,
  { settings = {}, cwd }: { readonly settings?: SettingsRequest; readonly cwd?: string },
): Delta[] {
  const turn = turns.find(({ id }) => id === turnId)
  if (!turn) return []
  const { model, effort, approvalPolicy, sandbox } = settings
  const brought = { model, effort, approvalPolicy, sandbox, cwd }
  const told = Object.entries(brought).filter(([, value]) => value !== undefined)
  return told.length === 0 ? [] : [{ op: 'turn', turn: { ...turn, ...Object.fromEntries(told) } }]
}
