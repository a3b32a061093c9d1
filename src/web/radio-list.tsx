/** One of a few, each in a line of its own, since each needs some words. */

interface Props<T extends string> {
  readonly legend: string
  readonly name: string
  readonly value: T
  readonly options: readonly (readonly [T, string])[]
  readonly onChange: (value: T) => void
}

export function RadioList<T extends string>({ legend, name, value, options, onChange }: Props<T>) {
  return (
    <fieldset className="stacked">
      <legend>{legend}</legend>
      {options.map(([option, says]) => (
        <label key={option} className="choice">
          <input type="radio" name={name} checked={value === option} onChange={() => onChange(option)} />
          {says}
        </label>
      ))}
    </fieldset>
  )
}
