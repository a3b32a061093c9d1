/** Files found by a few letters of their path, as Codex's own composer finds them. */
import type { FileMatch } from '../../../protocol/files.ts'
import { asFields, asList, asText } from '../decode.ts'
import type { CodexLine } from '../requests.ts'
import { need } from './need.ts'

/** @returns best first. @throws ConnectorError */
export async function searchFiles(
  line: CodexLine,
  { cwd, query, limit }: { readonly cwd: string; readonly query: string; readonly limit: number },
): Promise<FileMatch[]> {
  need(line, 'fuzzyFileSearch')
  const answer = asFields(await line.ask('fuzzyFileSearch', { query, roots: [cwd], cancellationToken: null }))
  return asList(answer?.files)
    .slice(0, limit)
    .flatMap((value) => {
      const entry = asFields(value)
      const path = asText(entry?.path)
      if (!entry || path === null) return []
      const marks = asList(entry.indices).filter((index) => typeof index === 'number')
      return [{ path, kind: entry.match_type === 'directory' ? 'folder' : 'file', marks }]
    })
}
