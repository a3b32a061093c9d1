/**
 * Writes the part of Codex's protocol types that the hub uses, from the installed Codex's own `generate-ts`. It owns
 * `src/connectors/codex/generated`: a test fails when what is checked in differs from what this would write.
 *
 *     node scripts/generate-codex-types.ts [path of a codex binary]
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { locateCodex } from '../src/connectors/codex/locate.ts'

/** What the hub sends: parameters of its requests, answers to Codex's, and parts of them that it names. Only these are exported. */
const ROOTS = [
  'InitializeParams',
  'ThreadStartParams',
  'ThreadResumeParams',
  'ThreadReadParams',
  'ThreadTurnsListParams',
  'ThreadListParams',
  'ThreadLoadedListParams',
  'ThreadSetNameParams',
  'ThreadSettingsUpdateParams',
  'ThreadForkParams',
  'ThreadUnsubscribeParams',
  'TurnStartParams',
  'TurnInterruptParams',
  'TurnSteerParams',
  'ThreadCompactStartParams',
  'ThreadArchiveParams',
  'ThreadUnarchiveParams',
  'ThreadDeleteParams',
  'ThreadRevertParams',
  'ReviewStartParams',
  'ModelListParams',
  'AppsListParams',
  'CancelLoginAccountParams',
  'CollaborationModeListParams',
  'CommandExecParams',
  'CommandExecTerminateParams',
  'CommandExecWriteParams',
  'ConfigBatchWriteParams',
  'ConfigReadParams',
  'ExperimentalFeatureListParams',
  'FuzzyFileSearchParams',
  'GetAccountParams',
  'GetAccountRateLimitsParams',
  'GetAccountTokenUsageParams',
  'HooksListParams',
  'ListMcpServerStatusParams',
  'LoginAccountParams',
  'McpServerOauthLoginParams',
  'ModelProviderListParams',
  'PermissionProfileListParams',
  'PluginInstalledParams',
  'PluginListParams',
  'SkillsConfigWriteParams',
  'SkillsListParams',
  'ThreadBackgroundTerminalsCleanParams',
  'ThreadBackgroundTerminalsListParams',
  'ThreadBackgroundTerminalsTerminateParams',
  'ThreadGoalClearParams',
  'ThreadGoalGetParams',
  'ThreadGoalSetParams',
  'CommandExecutionRequestApprovalResponse',
  'FileChangeRequestApprovalResponse',
  'PermissionsRequestApprovalResponse',
  'ToolRequestUserInputResponse',
  'McpServerElicitationRequestResponse',
  'DynamicToolCallResponse',
  'ExecCommandApprovalResponse',
  'ApplyPatchApprovalResponse',
  'CurrentTimeReadResponse',
  'AskForApproval',
  'CollaborationMode',
  'CommandExecutionApprovalDecision',
  'JsonValue',
  'McpServerElicitationAction',
  'SandboxPolicy',
  'UserInput',
]

export interface GeneratedFiles {
  readonly 'protocol.ts': string
  readonly 'methods.ts': string
}

/** What `generated` holds for this binary. */
export async function generate(codexPath: string): Promise<GeneratedFiles> {
  const run = promisify(execFile)
  const folder = await mkdtemp(join(tmpdir(), 'codex-types-'))
  try {
    await run(codexPath, ['app-server', 'generate-ts', '--experimental', '--out', folder])
    const { stdout } = await run(codexPath, ['--version'])
    const head = `// Written by scripts/generate-codex-types.ts from ${stdout.trim()}. Not to be changed by hand.\n`
    return {
      'protocol.ts': head + (await closure(folder)),
      'methods.ts': head + (await methodNames(folder)),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The roots and all they refer to, in one file, by name. */
async function closure(folder: string): Promise<string> {
  const seen = new Set<string>()
  const texts = new Map<string, string>()
  const waiting = ROOTS.map((name) => pathOf(folder, name))
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    const source = await readFile(path, 'utf8')
    const name = path.slice(path.lastIndexOf('/') + 1, -'.ts'.length)
    const text = ROOTS.includes(name) ? strip(source) : strip(source).replace(/^export /, '')
    // The first protocol and the second both have some types; one file can hold both only while they agree.
    if ((texts.get(name) ?? text) !== text) throw new Error(`there are two different types called ${name}`)
    texts.set(name, text)
    for (const [, from] of source.matchAll(/^import type .* from "(.+)";$/gm)) {
      waiting.push(join(path, '..', `${from}.ts`))
    }
  }
  return [...texts.keys()]
    .sort()
    .map((name) => `\n${texts.get(name)}\n`)
    .join('')
}

function pathOf(folder: string, name: string): string {
  const places = ['v2', '.', 'serde_json'].map((place) => join(folder, place, `${name}.ts`))
  const found = places.find((path) => existsSync(path))
  if (found === undefined) throw new Error(`this release of Codex has no type called ${name}`)
  return found
}

/** Without imports and comments: Codex's own source is the place to read those. */
function strip(source: string): string {
  return source
    .replace(/^import .*$/gm, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\/\/.*$/gm, '')
    .replace(/\n\s*\n+/g, '\n')
    .trim()
}

async function methodNames(folder: string): Promise<string> {
  const lists = [
    ['CLIENT_REQUESTS', 'ClientRequest'],
    ['SERVER_REQUESTS', 'ServerRequest'],
    ['SERVER_NOTIFICATIONS', 'ServerNotification'],
  ] as const
  const parts = lists.map(async ([constant, file]) => {
    const source = await readFile(join(folder, `${file}.ts`), 'utf8')
    const names = [...source.matchAll(/"method": "([^"]+)"/g)].map(([, name]) => `  '${name}',`)
    return `\nexport const ${constant} = [\n${names.sort().join('\n')}\n] as const\n`
  })
  return (await Promise.all(parts)).join('')
}

if (import.meta.main) {
  const [configuredPath] = process.argv.slice(2)
  const { path } = await locateCodex(configuredPath === undefined ? { env: {} } : { configuredPath })
  const generated = join(import.meta.dirname, '../src/connectors/codex/generated')
  for (const [name, text] of Object.entries(await generate(path)))
    await writeFile(join(generated, name), text)
}
