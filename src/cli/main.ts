#!/usr/bin/env -S node --max-semi-space-size=4 --heap-growing-percent=40
/**
 * Begins the command line where Node is new enough for it. It imports nothing before it has looked: an older Node would
 * fail while loading, with words that help nobody.
 */
// The flags above keep the heap close to what lives in it: with 10,000 sessions 330 to 370 MB without them, 205 to 246 MB
// with them, at no cost that a start or a stream shows.

/** As `engines` in package.json says. */
const NEEDED = [22, 22] as const

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) await import('./command-line.ts')
else {
  console.error(
    `codex-hub needs Node ${NEEDED.join('.')} or newer; this is Node ${process.versions.node} (${process.execPath}).`,
  )
  process.exitCode = 1
}
