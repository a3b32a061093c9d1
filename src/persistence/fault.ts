/** What SQLite says, in the store's words: which file, what is wrong with it, what to do. */
import { StoreError, type StoreFault } from './store-error.ts'

/** By SQLite's result code, extended ones falling back to their first words; some errors of the system come first. */
const FAULTS: Readonly<Record<string, StoreFault>> = {
  SQLITE_FULL: 'full',
  SQLITE_BUSY: 'busy',
  SQLITE_LOCKED: 'busy',
  SQLITE_READONLY: 'readOnly',
  SQLITE_PERM: 'readOnly',
  SQLITE_CORRUPT: 'corrupt',
  SQLITE_NOTADB: 'corrupt',
  EACCES: 'readOnly',
  EPERM: 'readOnly',
  EROFS: 'readOnly',
  ENOSPC: 'full',
}

/** Any error met while using the database at `file`. A `StoreError` passes through. */
export function toStoreError(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = codeOf(error)
  const fault = faultOf(code)
  return new StoreError(fault, sentence(fault, file, message), { file, code }, { cause: error })
}

function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}

function faultOf(code: string | null): StoreFault {
  if (code === null) return 'failed'
  return FAULTS[code] ?? FAULTS[code.split('_').slice(0, 2).join('_')] ?? 'failed'
}

function sentence(fault: StoreFault, file: string, message: string): string {
  switch (fault) {
    case 'full':
      return `The disk that holds ${file} is full. Free some space: what could not be written is kept in memory and tried again.`
    case 'busy':
      return `Another program keeps ${file} locked. End it: what could not be written is kept in memory and tried again.`
    case 'readOnly':
      return `${file} cannot be written (${message}). Check its permissions, its folder's, and that the disk is not mounted read-only.`
    case 'corrupt':
      return (
        `The database ${file} is damaged (${message}). Nothing was deleted. ` +
        `Stop the hub, move the file away together with ${file}-wal and ${file}-shm, and start again with an empty one; ` +
        "or put back a copy. Codex's own sessions are not in this file and are not affected."
      )
    default:
      return `The database ${file} could not be used: ${message}`
  }
}
