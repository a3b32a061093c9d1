/** A folder and what is below it, as texts: no file is looked at. */

/** As a range: `/a` holds `/a` and all from `/a/` to just before `/a0`. */
export function folderRange(folder: string): { exact: string; from: string; before: string } {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/'
  let end = folder.length
  while (end > 0 && folder[end - 1] === separator) end -= 1
  const bare = folder.slice(0, end)
  const after = String.fromCharCode(separator.charCodeAt(0) + 1)
  return { exact: bare === '' ? separator : bare, from: `${bare}${separator}`, before: `${bare}${after}` }
}

export function folderHolds(folder: string, path: string): boolean {
  const { exact, from } = folderRange(folder)
  return path === exact || path.startsWith(from)
}
