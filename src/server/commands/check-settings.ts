/** Whether settings can be had, before anything is sent: Codex would take some of them and fail in the turn. */
import { listModes, listPermissionProfiles } from '../../connectors/codex/operations/catalog.ts'
import { readConfig } from '../../connectors/codex/operations/config.ts'
import type { CodexLine } from '../../connectors/codex/requests.ts'
import { HubError } from '../../protocol/errors.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { HubRooms } from '../rooms.ts'
import { asWireErrors } from '../session/connector-failure.ts'
import type { Session } from '../session/session.ts'

/**
 * @param session null for one that is still to be made, in the folder `cwd`
 * @throws HubError `invalidParams` with what there is instead; `unsupported` where this Codex has no such setting
 */
export async function checkSettings(
  rooms: HubRooms,
  session: Session | null,
  settings: SettingsRequest,
  cwd: string | null = session?.summary.cwd ?? null,
): Promise<void> {
  const { effort, mode, permissionProfile, sandbox } = settings
  if (sandbox !== undefined && permissionProfile !== undefined) {
    throw new HubError('invalidParams', 'Name a sandbox or a permission profile, not both.', {
      fields: ['settings.sandbox', 'settings.permissionProfile'],
    })
  }
  if (effort !== undefined) {
    const model =
      settings.model ??
      session?.record.wanted.model ??
      session?.summary.settings.model ??
      (await configuredModel(rooms, session, cwd))
    await checkEffort(rooms, session, model, effort)
  }
  if (mode !== undefined) {
    const modes = await ask(rooms, session, listModes)
    refuseUnlessIn(
      'mode',
      mode,
      modes.map((each) => each.mode),
    )
  }
  if (permissionProfile !== undefined) {
    const profiles = await ask(rooms, session, (line) => listPermissionProfiles(line, cwd))
    refuseUnlessIn(
      'permissionProfile',
      permissionProfile,
      profiles.flatMap(({ id, allowed }) => (allowed ? [id] : [])),
    )
  }
}

/** Codex takes any effort and fails in the turn; the catalogue tells before. Models it does not list may take any. */
async function checkEffort(
  rooms: HubRooms,
  session: Session | null,
  model: string | null,
  effort: string,
): Promise<void> {
  const source = session?.connector?.line ? session.connector : rooms.driver
  const models = await asWireErrors(() => source.listModels(true))
  const known = models.find((each) => (model === null ? each.isDefault : each.id === model))
  const efforts = known?.efforts ?? []
  if (!known || efforts.length === 0 || efforts.includes(effort)) return
  throw new HubError(
    'invalidParams',
    `${known.id} has no effort "${effort}"; it has ${efforts.join(', ')}.`,
    {
      field: 'settings.effort',
      model: known.id,
      efforts,
    },
  )
}

/** What a session runs with that names no model; null: Codex's own default. */
async function configuredModel(
  rooms: HubRooms,
  session: Session | null,
  cwd: string | null,
): Promise<string | null> {
  const { config } = await ask(rooms, session, (line) => readConfig(line, cwd))
  return typeof config.model === 'string' ? config.model : null
}

function ask<T>(
  rooms: HubRooms,
  session: Session | null,
  question: (line: CodexLine) => Promise<T>,
): Promise<T> {
  const line = session?.door.isOpen ? session.connector?.line : null
  if (line) return asWireErrors(() => question(line))
  return asWireErrors(() => rooms.driver.ask(question, session?.record.stored.codexHome ?? null))
}

function refuseUnlessIn(field: string, value: string, possible: readonly string[]): void {
  if (possible.includes(value)) return
  const list = possible.join(', ')
  throw new HubError('invalidParams', `"${value}" cannot be had here; there is ${list}.`, {
    field: `settings.${field}`,
    possible,
  })
}
