/** One of a few, all of them seen. */
import './either.css'

interface Props<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly (readonly [T, string])[]
  readonly onChange: (value: T) => void
}

export function Either<T extends string>({ label, value, options, onChange }: Props<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a line everywhere
    <div className="either" role="group" aria-label={label}>
      {options.map(([option, says]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>
          {says}
        </button>
      ))}
    </div>
  )
}
