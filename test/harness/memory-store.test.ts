import { StoreError } from '../../src/persistence/store.ts'
import { describeStore } from '../contract/store.ts'
import { MemoryStore } from './memory-store.ts'

describeStore('MemoryStore', async () => {
  const store = new MemoryStore()
  return {
    store,
    break() {
      store.fail(new StoreError('full', 'The disk is full.'))
      return 'full'
    },
    repair: () => store.fail(null),
  }
})
