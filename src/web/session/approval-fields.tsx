/** What a person fills in before an approval can be answered. */
import { type Asked, type Field, type Filled, FREE, optionsOf, type Question } from './answer.ts'

interface Props {
  readonly asked: Asked
  readonly filled: Filled
  readonly onFill: (name: string, value: string | readonly string[]) => void
}

export function ApprovalFields({ asked, filled, onFill }: Props) {
  const textOf = (name: string): string => String(filled[name] ?? '')
  return (
    <>
      {asked.questions.map((question) => (
        <QuestionField
          key={question.id}
          question={question}
          value={textOf(question.id)}
          onChange={(value) => onFill(question.id, value)}
        />
      ))}
      {asked.fields.map(([name, field, isRequired]) => (
        <FormField
          key={name}
          name={name}
          field={field}
          isRequired={isRequired}
          value={filled[name]}
          onChange={(value) => onFill(name, value)}
        />
      ))}
      {asked.isFree && (
        <label>
          What to answer with: JSON, or a text
          <textarea rows={3} value={textOf(FREE)} onChange={(event) => onFill(FREE, event.target.value)} />
        </label>
      )}
    </>
  )
}

interface QuestionProps {
  readonly question: Question
  readonly value: string
  readonly onChange: (value: string) => void
}

function QuestionField({ question, value, onChange }: QuestionProps) {
  const options = question.options ?? []
  return (
    <fieldset>
      <legend>{question.question ?? question.header}</legend>
      {options.map(({ label, description }) => (
        <label key={label} className="choice">
          <input type="radio" name={question.id} checked={value === label} onChange={() => onChange(label)} />
          <span>
            {label} {description && <small>{description}</small>}
          </span>
        </label>
      ))}
      <input
        type={question.isSecret ? 'password' : 'text'}
        aria-label="Another answer"
        placeholder={options.length > 0 ? 'or another answer' : 'your answer'}
        value={options.some(({ label }) => label === value) ? '' : value}
        onChange={(event) => onChange(event.target.value)}
      />
    </fieldset>
  )
}

const INPUTS: Readonly<Record<string, string>> = {
  email: 'email',
  uri: 'url',
  date: 'date',
  number: 'number',
  integer: 'number',
}

interface FormFieldProps {
  readonly name: string
  readonly field: Field
  readonly isRequired: boolean
  readonly value: string | readonly string[] | undefined
  readonly onChange: (value: string | readonly string[]) => void
}

function FormField({ name, field, isRequired, value = '', onChange }: FormFieldProps) {
  const title = `${field.title ?? name}${isRequired ? '' : ' (optional)'}`
  const options = optionsOf(field)
  if (field.type === 'boolean')
    return (
      <label className="choice">
        <input
          type="checkbox"
          checked={value === 'true'}
          onChange={(event) => onChange(String(event.target.checked))}
        />
        <span>
          {field.title ?? name} {field.description && <small>{field.description}</small>}
        </span>
      </label>
    )
  if (field.type === 'array') {
    const chosen = [value].flat().filter((each) => each !== '')
    return (
      <fieldset>
        <legend>{title}</legend>
        {options.map(([option, says]) => (
          <label key={option} className="choice">
            <input
              type="checkbox"
              checked={chosen.includes(option)}
              onChange={({ target }) =>
                onChange(target.checked ? [...chosen, option] : chosen.filter((each) => each !== option))
              }
            />
            {says}
          </label>
        ))}
      </fieldset>
    )
  }
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: one of the two is in it
    <label>
      {title}
      {options.length > 0 ? (
        <select value={String(value)} onChange={(event) => onChange(event.target.value)}>
          <option value="">choose…</option>
          {options.map(([option, says]) => (
            <option key={option} value={option}>
              {says}
            </option>
          ))}
        </select>
      ) : (
        <input
          type={INPUTS[field.format ?? ''] ?? INPUTS[field.type ?? ''] ?? 'text'}
          {...(field.type === 'number' && { step: 'any' })}
          min={field.minimum}
          max={field.maximum}
          minLength={field.minLength}
          maxLength={field.maxLength}
          value={String(value)}
          placeholder={field.description}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </label>
  )
}
