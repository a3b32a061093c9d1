/** The first line a child prints, which is how the programs here say that they are ready. */
import type { ChildProcess } from 'node:child_process'

/** @throws when the child ends before it has printed a line */
export async function firstLine(
  child: ChildProcess,
  fits: (line: string) => boolean = () => true,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let text = ''
  const read = (chunk: Buffer): void => {
    text += chunk.toString('utf8')
    const line = text.split('\n').slice(0, -1).find(fits)
    if (line !== undefined) resolve(line)
  }
  const streams = [child.stdout, child.stderr]
  for (const stream of streams) stream?.on('data', read)
  child.once('error', reject)
  child.once('exit', (code) =>
    reject(new Error(`${child.spawnfile} ended with ${code} before it was ready: ${text}`)),
  )
  const line = await promise
  // What it says from now on is read and dropped, so that it never waits for a reader.
  for (const stream of streams) stream?.off('data', read).resume()
  return line
}
