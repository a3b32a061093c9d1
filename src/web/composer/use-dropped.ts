/** Files that are dropped anywhere on the conversation are meant for its prompt. */
import { type RefObject, useEffect } from 'react'

/** @param inside something in the conversation. @param take must stay the same */
export function useDropped(
  inside: RefObject<HTMLElement | null>,
  take: (files: Iterable<File>) => void,
): void {
  useEffect(() => {
    const column = inside.current?.closest<HTMLElement>('.column')
    if (!column) return
    const onOver = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
    }
    const onDrop = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      take(event.dataTransfer.files)
    }
    column.addEventListener('dragover', onOver)
    column.addEventListener('drop', onDrop)
    return () => {
      column.removeEventListener('dragover', onOver)
      column.removeEventListener('drop', onDrop)
    }
  }, [inside, take])
}
