/** The folders of the demo: a data folder, a CODEX_HOME wired to the scripted model, and a small git project. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

export interface DemoHome {
  /** Everything lies in it; who removes it removes the demo. */
  readonly root: string
  readonly folder: string
  readonly codexHome: string
  readonly project: string
}

export async function makeDemoHome(baseUrl: string): Promise<DemoHome> {
  const root = mkdtempSync(join(tmpdir(), 'codex-hub-demo-'))
  const [folder, codexHome, project] = [join(root, 'hub'), join(root, 'codex'), join(root, 'code', 'sample')]
  for (const path of [folder, codexHome, project]) mkdirSync(path, { mode: 0o700, recursive: true })
  writeFileSync(join(codexHome, 'config.toml'), configToml(baseUrl, project))
  writeFileSync(join(project, 'README.md'), '# A sample project\n')
  writeFileSync(join(project, 'hello.js'), "console.log('Hello!')\n")
  const git = (...args: string[]) => execa('git', args, { cwd: project, reject: false })
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  const who = [
    '-c',
    'user.name=codex-hub demo',
    '-c',
    'user.email=demo@localhost',
    '-c',
    'commit.gpgsign=false',
  ]
  await git(...who, 'commit', '-q', '-m', 'A sample project')
  return { root, folder, codexHome, project }
}

function configToml(baseUrl: string, project: string): string {
  return [
    // A name from Codex's catalogue, for its tools; the answers come from the script.
    'model = "gpt-5.5"',
    'model_provider = "demo"',
    'check_for_update_on_startup = false',
    '[features]',
    // Codex 0.169 offers questions outside of plan mode only with this.
    'default_mode_request_user_input = true',
    `[projects.${JSON.stringify(project)}]`,
    'trust_level = "trusted"',
    '[model_providers.demo]',
    'name = "demo"',
    `base_url = ${JSON.stringify(baseUrl)}`,
    'wire_api = "responses"',
    'request_max_retries = 0',
    'stream_max_retries = 0',
    // What a terminal that joins would ask first.
    '[tui]',
    'screen_reader_detection_done = true',
    '[notice.model_migrations]',
    '"gpt-5.5" = "gpt-6-sol"',
    '',
  ].join('\n')
}
