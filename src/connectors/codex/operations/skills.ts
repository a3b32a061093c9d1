/** Skills and hooks, as they count in a folder. */
import type { Hook, HookFolder, Skill, SkillFolder } from '../../../protocol/catalog.ts'
import { ConnectorError } from '../../connector.ts'
import { asFields, asList, asText, asTexts, type Fields } from '../decode.ts'
import type { CodexLine } from '../requests.ts'
import { need } from './need.ts'

/** @param reload look at the disk again. @throws ConnectorError */
export async function listSkills(
  line: CodexLine,
  { cwds, reload }: { readonly cwds: readonly string[]; readonly reload: boolean },
): Promise<SkillFolder[]> {
  need(line, 'skills/list')
  const answer = asFields(await line.ask('skills/list', { cwds: [...cwds], forceReload: reload }))
  return asList(answer?.data).flatMap((value) => {
    const entry = asFields(value)
    if (!entry) return []
    const skills = asList(entry.skills).flatMap((skill) => readSkill(asFields(skill)) ?? [])
    return [{ cwd: asText(entry.cwd) ?? '', skills, errors: readErrors(entry.errors) }]
  })
}

/**
 * Switch a skill on or off in the user's configuration.
 * @param skill its path, or its name. @returns what holds now. @throws ConnectorError `invalid` where no or several skills are meant
 */
export async function enableSkill(
  line: CodexLine,
  { skill, enabled, cwds }: { skill: string; enabled: boolean; cwds: readonly string[] },
): Promise<{ path: string; enabled: boolean }> {
  need(line, 'skills/config/write')
  const folders = await listSkills(line, { cwds, reload: true })
  const known = new Map(folders.flatMap(({ skills }) => skills.map((each) => [each.path, each.name])))
  const paths = [...known].filter(([path, name]) => path === skill || name === skill).map(([path]) => path)
  const [path] = paths
  if (path === undefined || paths.length > 1) {
    const why = path === undefined ? 'No skill is called that here.' : 'Several skills are called that.'
    throw new ConnectorError('invalid', `${skill}: ${why} Name it by its path.`, { skill, paths })
  }
  const answer = asFields(await line.ask('skills/config/write', { path, enabled }))
  return {
    path,
    enabled: answer?.effectiveEnabled === undefined ? enabled : answer.effectiveEnabled === true,
  }
}

/** @throws ConnectorError */
export async function listHooks(line: CodexLine, cwds: readonly string[]): Promise<HookFolder[]> {
  need(line, 'hooks/list')
  const answer = asFields(await line.ask('hooks/list', { cwds: [...cwds] }))
  return asList(answer?.data).flatMap((value) => {
    const entry = asFields(value)
    if (!entry) return []
    const hooks = asList(entry.hooks).flatMap((hook) => readHook(asFields(hook)) ?? [])
    return [
      {
        cwd: asText(entry.cwd) ?? '',
        hooks,
        warnings: asTexts(entry.warnings),
        errors: readErrors(entry.errors),
      },
    ]
  })
}

function readSkill(fields: Fields | null): Skill | null {
  const name = asText(fields?.name)
  const path = asText(fields?.path)
  if (!fields || name === null || path === null) return null
  return {
    name,
    description: asText(fields.description) ?? '',
    path,
    scope: asText(fields.scope) ?? 'unknown',
    enabled: fields.enabled !== false,
    pluginId: asText(fields.pluginId),
  }
}

function readHook(fields: Fields | null): Hook | null {
  const event = asText(fields?.eventName)
  if (!fields || event === null) return null
  const tool = asText(fields.tool)
  return {
    key: asText(fields.key) ?? '',
    event,
    matcher: asText(fields.matcher),
    kind: asText(fields.handlerType) ?? 'unknown',
    runs: asText(fields.command) ?? (tool === null ? null : `${asText(fields.server) ?? ''}.${tool}`),
    path: asText(fields.sourcePath) ?? '',
    source: asText(fields.source) ?? 'unknown',
    enabled: fields.enabled === true,
    trust: asText(fields.trustStatus) ?? 'unknown',
  }
}

function readErrors(value: unknown): { path: string; message: string }[] {
  return asList(value).flatMap((each) => {
    const error = asFields(each)
    return error ? [{ path: asText(error.path) ?? '', message: asText(error.message) ?? '' }] : []
  })
}
