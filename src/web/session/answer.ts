/** What a person fills in for an approval, and the answer it makes: answers to questions, a form, or a text. Pure. */
import type { Approval, ApprovalAnswer, Choice } from '../../protocol/approval.ts'

export interface Question {
  readonly id: string
  readonly header?: string
  readonly question?: string
  readonly isSecret?: boolean
  readonly options?: readonly { readonly label: string; readonly description?: string }[] | null
}

/** A property of the schema that an MCP server asks with. */
export interface Field {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly enum?: readonly string[]
  readonly enumNames?: readonly string[]
  readonly oneOf?: readonly { readonly const: string; readonly title?: string }[]
  readonly items?: Pick<Field, 'enum' | 'enumNames' | 'oneOf'> & { readonly anyOf?: Field['oneOf'] }
}

export interface Asked {
  readonly questions: readonly Question[]
  readonly fields: readonly (readonly [name: string, field: Field, isRequired: boolean])[]
  /** Something has to come with it, and nothing says what: a text, or JSON. */
  readonly isFree: boolean
}

/** By the id of a question or the name of a field; several where several may be chosen. */
export type Filled = Readonly<Record<string, string | readonly string[]>>

/** Under this name a text that has none is kept. */
export const FREE = ''

export function askedBy({ kind, params, choices }: Approval): Asked {
  const questions = (Array.isArray(params.questions) ? params.questions : []) as Question[]
  const schema = (kind === 'elicitation' ? params.requestedSchema : undefined) as
    | { properties?: Record<string, Field>; required?: readonly string[] }
    | undefined
  const fields = Object.entries(schema?.properties ?? {}).map(
    ([name, field]) => [name, field, schema?.required?.includes(name) ?? false] as const,
  )
  const isFree = fields.length === 0 && choices.some(({ needs }) => needs === 'content')
  return { questions, fields, isFree }
}

/** What the server would have where nobody says otherwise. */
export function defaultsOf({ fields }: Asked): Filled {
  const filled: Record<string, string | readonly string[]> = {}
  for (const [name, { type, default: value }] of fields) {
    if (Array.isArray(value)) filled[name] = value.map(String)
    else if (value !== undefined && value !== null) filled[name] = String(value)
    else if (type === 'boolean') filled[name] = 'false'
  }
  return filled
}

export function optionsOf({
  enum: values,
  enumNames,
  oneOf,
  items,
}: Field): readonly (readonly [string, string])[] {
  const titled = oneOf ?? items?.oneOf ?? items?.anyOf
  if (titled) return titled.map((option) => [option.const, option.title ?? option.const])
  const names = enumNames ?? items?.enumNames
  return (values ?? items?.enum ?? []).map((value, index) => [value, names?.[index] ?? value])
}

/** Whether something that the choice needs is not there yet. */
export function lacks({ needs }: Choice, { questions, fields, isFree }: Asked, filled: Filled): boolean {
  if (needs === 'answers') return questions.some(({ id }) => isBlank(filled[id]))
  if (needs !== 'content') return false
  return isFree
    ? isBlank(filled[FREE])
    : fields.some(([name, , isRequired]) => isRequired && isBlank(filled[name]))
}

export function answerOf(choice: Choice, asked: Asked, filled: Filled): ApprovalAnswer {
  if (choice.needs === 'answers') {
    const answers = asked.questions.map(({ id }) => [id, [filled[id] ?? ''].flat()] as const)
    return { choice: choice.id, answers: Object.fromEntries(answers) }
  }
  if (choice.needs === null) return { choice: choice.id }
  if (asked.isFree) return { choice: choice.id, content: jsonOrText(String(filled[FREE] ?? '')) }
  // What was left open is not there: a zero or an empty text would be an answer.
  const content = asked.fields.flatMap(([name, field]) => {
    const value = filled[name]
    return isBlank(value) ? [] : [[name, typed(field, value as string | readonly string[])] as const]
  })
  return { choice: choice.id, content: Object.fromEntries(content) }
}

function typed({ type }: Field, value: string | readonly string[]): unknown {
  if (type === 'number' || type === 'integer') return Number(value)
  return type === 'boolean' ? value === 'true' : value
}

function isBlank(value: string | readonly string[] | undefined): boolean {
  return value === undefined || value.length === 0 || (typeof value === 'string' && value.trim() === '')
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
