/**
 * Runs the real ring against another Codex release: `npm run test:codex -- 0.98.0 [more versions]`. Each is installed
 * in a temporary folder, which is removed afterwards.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findInPackage } from '../src/connectors/codex/native-binary.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const versions = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
if (versions.length === 0) {
  console.error('Name at least one Codex release: npm run test:codex -- 0.98.0 0.142.0')
  process.exit(2)
}
const failed: string[] = []
for (const version of versions) {
  const folder = mkdtempSync(join(tmpdir(), 'codex-release-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{"private":true}')
    const install = spawnSync('npm', ['install', '--no-audit', '--no-fund', `@openai/codex@${version}`], {
      cwd: folder,
      stdio: 'inherit',
    })
    if (install.status !== 0) throw new Error(`Codex ${version} cannot be installed.`)
    const codex = findInPackage(join(folder, 'node_modules', '@openai', 'codex'))
    if (!codex) throw new Error(`Codex ${version} has no binary for this system.`)
    console.log(`\nCodex ${version}`)
    const tests = ['test/connectors/codex', 'test/e2e']
    const run = spawnSync(
      process.execPath,
      [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...tests],
      {
        cwd: root,
        stdio: 'inherit',
        env: { ...process.env, CODEX_HUB_TEST_CODEX: codex },
      },
    )
    if (run.status !== 0) failed.push(version)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    failed.push(version)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
console.log(
  failed.length === 0 ? `\nAll of ${versions.join(', ')} passed.` : `\nFailed: ${failed.join(', ')}`,
)
process.exit(failed.length === 0 ? 0 : 1)
