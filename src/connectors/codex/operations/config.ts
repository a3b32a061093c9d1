/** Codex's configuration: read without its secrets, written with its own check of versions. */
import { isDeepStrictEqual } from 'node:util'
import {
  type CodexConfig,
  type ConfigEdit,
  type ConfigLayer,
  type ConfigSource,
  type ConfigWritten,
  REDACTED,
} from '../../../protocol/codex-config.ts'
import { ConnectorError } from '../../connector.ts'
import { asFields, asList, asText, type Fields } from '../decode.ts'
import type { JsonValue } from '../generated/protocol.ts'
import type { CodexLine } from '../requests.ts'
import { listFeatures } from './catalog.ts'
import { need } from './need.ts'
import { withoutSecrets } from './secrets.ts'

/** @param cwd the folder from which it is seen. @throws ConnectorError */
export async function readConfig(line: CodexLine, cwd: string | null): Promise<CodexConfig> {
  need(line, 'config/read')
  const answer = asFields(
    await line.ask('config/read', { includeLayers: true, ...(cwd === null ? {} : { cwd }) }),
  )
  const origins = Object.entries(asFields(answer?.origins) ?? {}).map(
    ([key, value]): [string, ConfigSource] => [key, sourceOf(asFields(value)?.name)],
  )
  const layers = asList(answer?.layers).flatMap((value) => readLayer(asFields(value)) ?? [])
  // The base file of the user is what a write goes to; a profile beside it is another layer.
  const own = layers.find(({ kind }) => kind === 'user')
  return {
    config: asFields(withoutSecrets(answer?.config)) ?? {},
    origins: Object.fromEntries(origins),
    layers,
    version: own?.version ?? null,
  }
}

/**
 * Write all edits or none into the user's configuration, and let the threads of this process take them up.
 * @throws ConnectorError `changed` when the file is another one by now, `invalid` when Codex refuses a value
 */
export async function writeConfig(
  line: CodexLine,
  {
    edits,
    expectedVersion,
  }: { readonly edits: readonly ConfigEdit[]; readonly expectedVersion?: string | undefined },
): Promise<ConfigWritten> {
  need(line, 'config/batchWrite')
  const hidden = edits.find(({ value }) => JSON.stringify(value)?.includes(REDACTED))
  if (hidden) {
    throw new ConnectorError(
      'invalid',
      `${hidden.keyPath}: a value that is not shown cannot be written back.`,
      {
        keyPath: hidden.keyPath,
      },
    )
  }
  const answer = asFields(
    await line.ask('config/batchWrite', {
      edits: edits.map(({ keyPath, value, merge }) => ({
        keyPath,
        value: value as JsonValue,
        mergeStrategy: merge,
      })),
      reloadUserConfig: true,
      ...(expectedVersion === undefined ? {} : { expectedVersion }),
    }),
  )
  const overridden = asFields(answer?.overriddenMetadata)
  return {
    path: asText(answer?.filePath) ?? '',
    version: asText(answer?.version) ?? '',
    overridden: overridden
      ? {
          by: sourceOf(asFields(overridden.overridingLayer)?.name),
          message: asText(overridden.message) ?? 'Another layer counts more.',
        }
      : null,
  }
}

/**
 * Switch a feature in the user's configuration. Codex would write any name there.
 * @returns whether that is in force. @throws ConnectorError `invalid` for one that this Codex does not have
 */
export async function enableFeature(line: CodexLine, name: string, enabled: boolean): Promise<boolean> {
  const features = await listFeatures(line, null)
  if (!features.some((feature) => feature.name === name)) {
    throw new ConnectorError('invalid', `This Codex has no feature "${name}".`, { name })
  }
  const value = { keyPath: `features.${name}`, value: enabled, merge: 'replace' as const }
  const { overridden } = await writeConfig(line, { edits: [value] })
  if (overridden) return false
  const { config } = await readConfig(line, null)
  return isDeepStrictEqual(asFields(config.features)?.[name], enabled)
}

function readLayer(fields: Fields | null): ConfigLayer | null {
  if (!fields) return null
  return {
    ...sourceOf(fields.name),
    version: asText(fields.version) ?? '',
    config: asFields(withoutSecrets(fields.config)) ?? {},
    disabledReason: asText(fields.disabledReason),
  }
}

function sourceOf(value: unknown): ConfigSource {
  const name = asFields(value)
  return {
    kind: asText(name?.type) ?? 'unknown',
    path: asText(name?.file) ?? asText(name?.dotCodexFolder) ?? null,
  }
}
