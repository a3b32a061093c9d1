import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isStale } from '../../scripts/stale.ts'

it('[STA2] what is built is stale when it is missing or a source is newer', () => {
  const root = mkdtempSync(join(tmpdir(), 'hub-stale-'))
  try {
    mkdirSync(join(root, 'src'))
    const write = (path: string, at: number) => {
      writeFileSync(join(root, path), '')
      utimesSync(join(root, path), at, at)
    }
    write('src/a.ts', 100)
    write('src/b.ts', 200)
    const look = () => isStale(root, 'built.js', ['src/**/*.ts'])
    expect(look()).toBe(true)
    write('built.js', 150)
    expect(look()).toBe(true)
    write('built.js', 250)
    expect(look()).toBe(false)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
