/** Before any test: the compiled page is that of the sources. */
import { execFileSync } from 'node:child_process'

export default function buildPage(): void {
  execFileSync(process.execPath, ['scripts/build-web.ts', '--if-stale'], { stdio: 'inherit' })
}
