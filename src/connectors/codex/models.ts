/** The models Codex offers. */
import type { Model } from '../../protocol/model.ts'
import { asFields, asList, asText } from './decode.ts'
import { readPages } from './operations/need.ts'
import type { Ask } from './requests.ts'

const PAGE_MODELS = 100
export async function listModels(ask: Ask, includeHidden: boolean): Promise<Model[]> {
  const entries = await readPages((page) => ask('model/list', { ...page, limit: PAGE_MODELS, includeHidden }))
  const models = entries.flatMap((entry) => readModel(entry) ?? [])
  // Releases that do not know the parameter (0.98) list all.
  return includeHidden ? models : models.filter((model) => !model.hidden)
}

function readModel(value: unknown): Model | null {
  const fields = asFields(value)
  // `model` is what settings take; `id` names the entry of the catalogue.
  const id = asText(fields?.model) ?? asText(fields?.id)
  if (!fields || id === null) return null
  return {
    id,
    displayName: asText(fields.displayName) ?? id,
    description: asText(fields.description) ?? '',
    efforts: asList(fields.supportedReasoningEfforts).flatMap(
      (effort) => asText(asFields(effort)?.reasoningEffort) ?? [],
    ),
    defaultEffort: asText(fields.defaultReasoningEffort),
    isDefault: fields.isDefault === true,
    hidden: fields.hidden === true,
  }
}
