/** Lists of what Codex offers beside models: plugins, apps, providers, permission profiles, modes and features. */
import type {
  App,
  CollaborationMode,
  Feature,
  ModelProvider,
  PermissionProfile,
  Plugin,
} from '../../../protocol/catalog.ts'
import { asFields, asList, asText, type Fields } from '../decode.ts'
import type { CodexLine } from '../requests.ts'
import { need, readNamed, readPages } from './need.ts'

const PAGE = 100

/** @throws ConnectorError */
export async function listPlugins(
  line: CodexLine,
  { cwds, installedOnly }: { readonly cwds: readonly string[]; readonly installedOnly: boolean },
): Promise<{ plugins: Plugin[]; errors: string[] }> {
  const method = installedOnly ? 'plugin/installed' : 'plugin/list'
  need(line, method)
  const answer = asFields(await line.ask(method, cwds.length === 0 ? {} : { cwds: [...cwds] }))
  const plugins = asList(answer?.marketplaces).flatMap((value) => {
    const marketplace = asFields(value)
    const name = asText(marketplace?.name) ?? ''
    return readNamed(asList(marketplace?.plugins), 'id', (id, fields) => readPlugin(id, fields, name))
  })
  const errors = asList(answer?.marketplaceLoadErrors).flatMap((value) => {
    const error = asFields(value)
    const message = asText(error?.message)
    return message === null ? [] : [`${asText(error?.marketplacePath) ?? 'A marketplace'}: ${message}`]
  })
  return { plugins, errors }
}

/** @throws ConnectorError */
export async function listApps(line: CodexLine, threadId: string | null): Promise<App[]> {
  need(line, 'app/list')
  const more = threadId === null ? {} : { threadId }
  const entries = await readPages((page) => line.ask('app/list', { ...page, ...more, limit: PAGE }))
  return readNamed(entries, 'id', (id, fields) => ({
    id,
    name: asText(fields.name) ?? id,
    description: asText(fields.description) ?? '',
    enabled: fields.isEnabled !== false,
    accessible: fields.isAccessible === true,
    installUrl: asText(fields.installUrl),
  }))
}

/** @throws ConnectorError */
export async function listProviders(line: CodexLine): Promise<ModelProvider[]> {
  need(line, 'modelProvider/list')
  const answer = asFields(await line.ask('modelProvider/list', {}))
  return readNamed(asList(answer?.data), 'id', (id, fields) => ({
    id,
    name: asText(fields.name) ?? id,
    baseUrl: asText(fields.baseUrl),
    isDefault: id === asText(answer?.defaultProviderId),
  }))
}

/** @throws ConnectorError */
export async function listPermissionProfiles(
  line: CodexLine,
  cwd: string | null,
): Promise<PermissionProfile[]> {
  need(line, 'permissionProfile/list')
  const more = cwd === null ? {} : { cwd }
  const entries = await readPages((page) => line.ask('permissionProfile/list', { ...page, ...more }))
  return readNamed(entries, 'id', (id, fields) => ({
    id,
    description: asText(fields.description),
    allowed: fields.allowed !== false,
  }))
}

/** @throws ConnectorError */
export async function listModes(line: CodexLine): Promise<CollaborationMode[]> {
  need(line, 'collaborationMode/list')
  const answer = asFields(await line.ask('collaborationMode/list', {}))
  return readNamed(asList(answer?.data), 'mode', (mode, fields) => ({
    mode,
    name: asText(fields.name) ?? mode,
    model: asText(fields.model),
    effort: asText(fields.reasoning_effort),
  }))
}

/** @param threadId an open thread, whose folder's own configuration counts then. @throws ConnectorError */
export async function listFeatures(line: CodexLine, threadId: string | null): Promise<Feature[]> {
  need(line, 'experimentalFeature/list')
  const more = threadId === null ? {} : { threadId }
  const entries = await readPages((page) =>
    line.ask('experimentalFeature/list', { ...page, ...more, limit: PAGE }),
  )
  return readNamed(entries, 'name', (name, fields) => ({
    name,
    stage: asText(fields.stage) ?? 'unknown',
    displayName: asText(fields.displayName),
    description: asText(fields.description),
    enabled: fields.enabled === true,
    defaultEnabled: fields.defaultEnabled === true,
  }))
}

function readPlugin(id: string, fields: Fields, marketplace: string): Plugin {
  const shown = asFields(fields.interface)
  return {
    id,
    name: asText(shown?.displayName) ?? asText(fields.name) ?? id,
    marketplace,
    description: asText(shown?.shortDescription) ?? '',
    version: asText(fields.localVersion) ?? asText(fields.version),
    installed: fields.installed === true,
    enabled: fields.enabled === true,
    availability: asText(fields.availability),
  }
}
