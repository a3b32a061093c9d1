/** What in a request deserves a second look: hints, no judgement; a request without any may be as dangerous. Pure. */

/** Words in a command. */
const COMMANDS: readonly (readonly [RegExp, string])[] = [
  [/\brm\s+(-\w*[rf]|--recursive|--force)|\bfind\b.*\s-delete\b|\bshred\b/, 'deletes files'],
  [/\b(sudo|doas)\b/, 'runs as administrator'],
  [/\b(curl|wget)\b[^|]*\|\s*(sudo\s+)?(ba|z|da)?sh\b/, 'runs a script from the network'],
  [/\bgit\s+(push|reset\s+--hard|clean|rebase|filter-branch)\b/, 'changes or publishes history'],
  [/\b(npm|pnpm|yarn|cargo)\s+publish\b/, 'publishes a package'],
  [/\b(chmod|chown)\s+-R\b/, 'changes permissions of a whole tree'],
  [/\b(mkfs|dd\s+if=|fdisk)\b|>\s*\/dev\/(sd|nvme|disk)/, 'writes to a disk itself'],
  [/(^|[\s'"/=])\.(ssh|aws|gnupg|netrc|env)\b/, 'touches files that hold secrets'],
]

export function risksOfCommand(command: string, cwd: string, sessionCwd: string): string[] {
  const found = COMMANDS.filter(([pattern]) => pattern.test(command)).map(([, says]) => says)
  return cwd === '' || isWithin(sessionCwd, cwd) ? found : [...found, 'runs outside of the session’s folder']
}

export function risksOfChanges(paths: readonly string[], sessionCwd: string): string[] {
  return paths.some((path) => /^([\\/]|[A-Za-z]:)/.test(path) && !isWithin(sessionCwd, path))
    ? ['changes files outside of the session’s folder']
    : []
}

function isWithin(folder: string, path: string): boolean {
  const top = folder.replace(/[\\/]+$/, '')
  return path === folder || path === top || path.startsWith(`${top}/`) || path.startsWith(`${top}\\`)
}
