/** Pictures of a prompt: read, made smaller where they are too large to send, shown, taken away again. */
import { Icon } from '../icons.tsx'

/** Larger files are drawn anew, no wider or higher than this. */
const MOST_BYTES = 1_500_000
const MOST_PIXELS = 2_048

/** As `data:` addresses; what is no picture, or none the browser can read, is left out. */
export async function readImages(files: Iterable<File>): Promise<string[]> {
  const images = [...files].filter(({ type }) => type.startsWith('image/'))
  const read = await Promise.all(
    images.map((file) => (file.size <= MOST_BYTES ? asAddress(file) : shrink(file)).catch(() => null)),
  )
  return read.filter((address) => address !== null)
}

function asAddress(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}

async function shrink(file: File): Promise<string> {
  const bitmap = await createImageBitmap(file)
  const scale = Math.min(1, MOST_PIXELS / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(bitmap.width * scale)
  canvas.height = Math.round(bitmap.height * scale)
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  return canvas.toDataURL('image/jpeg', 0.85)
}

export function ImageRow({
  images,
  onRemove,
}: {
  images: readonly string[]
  onRemove: (index: number) => void
}) {
  if (images.length === 0) return null
  return (
    <div className="images">
      {images.map((url, index) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: one picture may be there twice
          key={index}
          type="button"
          title="Remove"
          aria-label={`Remove picture ${index + 1}`}
          onClick={() => onRemove(index)}
        >
          <img src={url} alt="" />
        </button>
      ))}
    </div>
  )
}

export function AttachButton({ onFiles }: { onFiles: (files: Iterable<File>) => void }) {
  return (
    <label className="attach icon" title="Add pictures (or paste, or drop them)">
      <Icon name="image" />
      <input
        type="file"
        accept="image/*"
        multiple
        aria-label="Add pictures"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
    </label>
  )
}
