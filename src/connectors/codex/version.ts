/** Codex's version numbers: read from `codex --version`, compared, and held against what the hub supports. */

/** The oldest release whose app-server speaks the v2 protocol the hub uses. */
export const OLDEST_SUPPORTED = '0.80.0'

/** The version in `codex-cli 0.169.0`, pre-release tags included; null when there is none. */
export function parseVersion(text: string): string | null {
  return /\b(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)/.exec(text)?.[1] ?? null
}

/** Whether `version` is `least` or newer. A pre-release counts as its release. */
export function isAtLeast(version: string, least: string): boolean {
  const have = numbers(version)
  const want = numbers(least)
  for (const [index, number] of want.entries()) {
    const difference = (have[index] ?? 0) - number
    if (difference !== 0) return difference > 0
  }
  return true
}

function numbers(version: string): number[] {
  return (version.split('-')[0] ?? '').split('.').map(Number)
}
