import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describeStore } from '../contract/store.ts'
import { makeFolder, openIn } from './folder.ts'

describeStore('the store on disk', async () => {
  const folder = await makeFolder()
  const store = await openIn(folder)
  const other = new Database(join(folder, 'hub.sqlite'))
  return {
    store,
    // Somebody else holds the write lock: a real outage that ends when they let go.
    break() {
      other.exec('begin immediate')
      return 'busy'
    },
    repair() {
      other.exec('commit')
      other.close()
    },
  }
})
