/** Paths of the fixture programs. */
import { fileURLToPath } from 'node:url'

export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/programs/${name}`, import.meta.url))
}
