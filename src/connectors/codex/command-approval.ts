/** Approvals of commands and file changes, as every v2 release asks for them, and as the first protocol did. */
import type { Choice } from '../../protocol/approval.ts'
import { fixed, type Offer, type Question, titleOf } from './approval-offer.ts'
import { asFields, asList, asText, asTexts, type Fields } from './decode.ts'
import type {
  ApplyPatchApprovalResponse,
  CommandExecutionApprovalDecision,
  CommandExecutionRequestApprovalResponse,
  ExecCommandApprovalResponse,
  FileChangeRequestApprovalResponse,
} from './generated/protocol.ts'

type LegacyResponse = ExecCommandApprovalResponse & ApplyPatchApprovalResponse

/** What a question is read with besides its parameters. */
export interface AskContext {
  /** Paths of a file change item that waits, where they are known. */
  pathsOf(itemId: string): readonly string[]
  readonly codexVersion: string | null
}

export function askCommand(params: Fields): Question {
  const given = asList(params.availableDecisions)
  const decisions = given.length > 0 ? given : usualDecisions(params)
  return {
    kind: 'command',
    title: commandTitle(params),
    reason: asText(params.reason),
    offers: unique(decisions.map(commandOffer)),
  }
}

/** Releases before `availableDecisions` (0.98) take all of these. */
function usualDecisions(params: Fields): unknown[] {
  const amendment = asTexts(params.proposedExecpolicyAmendment)
  const hosts = asList(params.proposedNetworkPolicyAmendments)
  return [
    'accept',
    'acceptForSession',
    ...(amendment.length > 0 ? [{ acceptWithExecpolicyAmendment: { execpolicy_amendment: amendment } }] : []),
    ...hosts.map((host) => ({ applyNetworkPolicyAmendment: { network_policy_amendment: host } })),
    'decline',
    'cancel',
  ]
}

type Shape = Omit<Choice, 'needs'>

const ACCEPT: Shape = { id: 'accept', label: 'Allow once', effect: 'allow', scope: 'once' }
const ACCEPT_FOR_SESSION: Shape = {
  id: 'acceptForSession',
  label: 'Allow for this session',
  effect: 'allow',
  scope: 'session',
}
const DECLINE: Shape = {
  id: 'decline',
  label: 'Decline, and let the agent go on',
  effect: 'deny',
  scope: 'once',
}
const CANCEL: Shape = { id: 'cancel', label: 'Decline and stop the turn', effect: 'cancel', scope: 'once' }

const PLAIN: Record<string, Shape> = {
  accept: ACCEPT,
  acceptForSession: ACCEPT_FOR_SESSION,
  decline: DECLINE,
  cancel: CANCEL,
}

function commandOffer(decision: unknown): Offer {
  // Codex's own value goes back to it as it came.
  return fixed<CommandExecutionRequestApprovalResponse>(shapeOf(decision), {
    decision: decision as CommandExecutionApprovalDecision,
  })
}

function shapeOf(decision: unknown): Shape {
  const plain = PLAIN[asText(decision) ?? '']
  if (plain) return plain
  const fields = asFields(decision)
  const prefix = asTexts(asFields(fields?.acceptWithExecpolicyAmendment)?.execpolicy_amendment)
  if (prefix.length > 0) return alwaysAllow('acceptWithExecpolicyAmendment', prefix)
  const network = asFields(asFields(fields?.applyNetworkPolicyAmendment)?.network_policy_amendment)
  const host = asText(network?.host)
  if (network && host !== null) return networkRule(host, asText(network.action) === 'allow')
  // A decision of a newer Codex. Taken for one that allows: nobody must click it thinking that it denies.
  const name = asText(decision) ?? Object.keys(fields ?? {})[0] ?? 'unknown'
  return { id: name, label: titleOf(JSON.stringify(decision)), effect: 'allow', scope: 'once' }
}

function alwaysAllow(id: string, prefix: readonly string[]): Shape {
  return { id, label: `Always allow \`${titleOf(prefix.join(' '))} …\``, effect: 'allow', scope: 'always' }
}

function networkRule(host: string, isAllowed: boolean): Shape {
  const verb = isAllowed ? 'allow' : 'deny'
  return {
    id: `${verb}Host:${host}`,
    label: `Always ${verb} network access to ${host}`,
    effect: isAllowed ? 'allow' : 'deny',
    scope: 'always',
  }
}

/** Two amendments of one kind must not share an id: the answer names the choice by it. */
function unique(offers: readonly Offer[]): Offer[] {
  const taken = new Map<string, number>()
  return offers.map((entry) => {
    const count = (taken.get(entry.choice.id) ?? 0) + 1
    taken.set(entry.choice.id, count)
    return count === 1 ? entry : { ...entry, choice: { ...entry.choice, id: `${entry.choice.id}#${count}` } }
  })
}

function commandTitle(params: Fields): string {
  const network = asFields(params.networkApprovalContext)
  const host = asText(network?.host)
  if (host !== null) return `Network access to ${host} (${asText(network?.protocol) ?? 'unknown protocol'})`
  const command = asText(params.command)
  if (command === null) return 'Run a command that Codex does not name'
  const plain = titleOf(withoutShell(command))
  return params.kind === 'writeStdin' ? `Type into the running command: ${plain}` : plain
}

/** `/bin/bash -lc 'git status'` is `git status` to a person. */
function withoutShell(command: string): string {
  const quoted = /^(?:\S*\/)?(?:ba|z|da)?sh -l?c '(.*)'$/s.exec(command)?.[1]
  return quoted === undefined ? command : quoted.replaceAll(`'\\''`, `'`)
}

export function askFileChange(params: Fields, { pathsOf }: AskContext): Question {
  const paths = pathsOf(asText(params.itemId) ?? '')
  const root = asText(params.grantRoot)
  return {
    kind: 'fileChange',
    title: root === null ? filesTitle(paths) : `${filesTitle(paths)} and allow writes below ${root}`,
    reason: asText(params.reason),
    offers: [
      fixed<FileChangeRequestApprovalResponse>(ACCEPT, { decision: 'accept' }),
      fixed<FileChangeRequestApprovalResponse>(ACCEPT_FOR_SESSION, { decision: 'acceptForSession' }),
      fixed<FileChangeRequestApprovalResponse>(DECLINE, { decision: 'decline' }),
      fixed<FileChangeRequestApprovalResponse>(CANCEL, { decision: 'cancel' }),
    ],
  }
}

function filesTitle(paths: readonly string[]): string {
  if (paths.length === 0) return 'Change files'
  return titleOf(
    paths.length === 1 ? `Change ${paths[0]}` : `Change ${paths.length} files: ${paths.join(', ')}`,
  )
}

/** `execCommandApproval` of the first protocol. */
export function askLegacyCommand(params: Fields, context: AskContext): Question {
  const command = asTexts(params.command)
  const script = command.length === 3 && /^-l?c$/.test(command[1] ?? '') ? command[2] : undefined
  return {
    kind: 'command',
    title: titleOf(script ?? command.join(' ')),
    reason: asText(params.reason),
    offers: legacyOffers(context),
  }
}

/** `applyPatchApproval` of the first protocol. */
export function askLegacyPatch(params: Fields, context: AskContext): Question {
  return {
    kind: 'fileChange',
    title: filesTitle(Object.keys(asFields(params.fileChanges) ?? {})),
    reason: asText(params.reason),
    offers: legacyOffers(context),
  }
}

function legacyOffers({ codexVersion }: AskContext): Offer[] {
  return [
    fixed<LegacyResponse>(ACCEPT, { decision: 'approved' }),
    fixed<LegacyResponse>(ACCEPT_FOR_SESSION, { decision: 'approved_for_session' }),
    fixed<LegacyResponse>(DECLINE, { decision: denied(codexVersion) }),
    fixed<LegacyResponse>(CANCEL, { decision: 'abort' }),
  ]
}

/** A plain word up to 0.142; 0.169 wants the words that the agent is told. */
function denied(codexVersion: string | null): LegacyResponse['decision'] {
  const [major = 0, minor = 0] = (codexVersion ?? '').split('.').map(Number)
  return major === 0 && minor <= 142
    ? ('denied' as never)
    : { denied: { rejection: 'The user declined this.' } }
}
