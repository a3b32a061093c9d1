/** What an agent is granted, as it is written on the command line and read back. */
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { type Agent, agentNameSchema, type Grant, grantSchema } from '../protocol/agent.ts'
import { collect } from './run.ts'
import { safe } from './text.ts'

export interface GrantOptions {
  readonly allow?: Grant['scope'][]
  readonly project?: string[]
  readonly session?: string[]
}

/** `--allow` with the places it holds for. */
export function addGrantOptions(command: Command): Command {
  const scopes = 'operate (others’ sessions), approve, unsandboxed'
  return addPlaceOptions(command.option('--allow <scopes>', `grant it more: ${scopes}`, readScopes))
}

export function addPlaceOptions(command: Command): Command {
  return command
    .option('--project <folder>', 'only for sessions in this folder; may be repeated', collect)
    .option('--session <id>', 'only for this session; may be repeated', collect)
}

/** Every scope for every place that is named, or for all. */
export function grantsOf({ allow = [], project = [], session = [] }: GrantOptions): Grant[] {
  const places = [
    ...project.map((path) => ({ project: resolve(path) })),
    ...session.map((sessionId) => ({ sessionId })),
  ]
  return allow.flatMap((scope) => (places.length === 0 ? [{}] : places).map((place) => ({ scope, ...place })))
}

/** The arguments that say the same again. */
export function grantArgs({ allow = [], project = [], session = [] }: GrantOptions): string[] {
  return [
    ...(allow.length === 0 ? [] : ['--allow', allow.join(',')]),
    ...project.flatMap((path) => ['--project', resolve(path)]),
    ...session.flatMap((id) => ['--session', id]),
  ]
}

export function grantText({ scope, project, sessionId }: Grant): string {
  const place =
    project !== undefined ? ` in ${safe(project)}` : sessionId !== undefined ? ` on ${sessionId}` : ''
  return `${scope}${place}`
}

export const grantsText = ({ grants }: Agent): string =>
  grants.map(grantText).join(', ') || 'its own sessions'

export function agentName(text: string): string {
  const parsed = agentNameSchema.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('A name has letters, digits, ".", "@", "_" and "-".')
}

export function readScopes(text: string): Grant['scope'][] {
  return text.split(',').map((name) => {
    const parsed = grantSchema.shape.scope.safeParse(name.trim())
    if (parsed.success) return parsed.data
    throw new InvalidArgumentError(
      'Any of operate, approve and unsandboxed is expected, with commas between.',
    )
  })
}
