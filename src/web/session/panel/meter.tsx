/** How much of something is used up, as a bar with words. */
import './meter.css'

const NEARLY = 80

interface Props {
  readonly label: string
  readonly percent: number
  readonly says: string
}

export function Meter({ label, percent, says }: Props) {
  const value = Math.min(100, Math.max(0, Math.round(percent)))
  return (
    <div className="meter">
      <p>
        <span>{label}</span> <span className="quiet">{value} %</span>
      </p>
      <progress
        className={value >= NEARLY ? 'nearly' : ''}
        aria-label={label}
        max={100}
        value={value}
        title={says}
      />
      <p className="quiet">{says}</p>
    </div>
  )
}
