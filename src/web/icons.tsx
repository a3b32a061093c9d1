/** Drawn here, so that they look the same on every machine and nothing is loaded for them. */

const PATHS = {
  back: 'M10 3 5 8l5 5',
  bell: 'M8 2.2a3.6 3.6 0 0 0-3.6 3.6c0 3.6-1.6 4.6-1.6 5.4h10.4c0-.8-1.6-1.8-1.6-5.4A3.6 3.6 0 0 0 8 2.2ZM6.6 13.4a1.5 1.5 0 0 0 2.8 0',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6',
  close: 'm4 4 8 8M12 4l-8 8',
  folder: 'M2 4.5h4l1.5 1.5H14v7H2z',
  gear: 'M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4',
  image: 'M2 3h12v10H2zM2 11l3.5-3.5L9 11l2-2 3 3M10.5 6.2h.01',
  panel: 'M2 3h12v10H2zM10 3v10',
  pin: 'M6 2h4l-.5 4L12 8.5H4L6.5 6zM8 8.5V14',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.4 10.4 14 14',
  sliders: 'M2 5h6M11 5h3M2 11h3M8 11h6M8 3.5v3M5 9.5v3',
  up: 'M8 13V3M4 7l4-4 4 4',
  wide: 'M5 5 2 8l3 3M11 5l3 3-3 3M2 8h12',
} as const

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg className="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
