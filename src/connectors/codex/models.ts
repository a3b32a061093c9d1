/** The models Codex offers. */
import type { Model } from '../../protocol/model.ts'
import { asFields, asList, asText } from './decode.ts'
import type { Ask } from './requests.ts'

const PAGE_MODELS = 100
/** A server that hands out cursors without end must not hold us for ever. */
const MAX_PAGES = 20

export async function listModels(ask: Ask, includeHidden: boolean): Promise<Model[]> {
  const models: Model[] = []
  let cursor: string | null = null
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = asFields(
      await ask('model/list', { limit: PAGE_MODELS, includeHidden, ...(cursor === null ? {} : { cursor }) }),
    )
    models.push(...asList(answer?.data).flatMap((entry) => readModel(entry) ?? []))
    cursor = asText(answer?.nextCursor)
    if (cursor === null) break
  }
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
