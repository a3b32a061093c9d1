/**
 * The worker thread of a store, before it is asked anything. Loading its program takes as long as loading a hub, so who
 * starts one may begin with this; no file is touched until the store is opened.
 */
import { Worker } from 'node:worker_threads'

const PROGRAM = new URL('./worker.ts', import.meta.url)

export function startStoreWorker(program: URL = PROGRAM): Worker {
  // Left alone, V8 lets the young generation of a thread that copies rows grow to tens of megabytes.
  const worker = new Worker(program, { resourceLimits: { maxYoungGenerationSizeMb: 12 } })
  // One that dies before anybody asked it anything is found dead by who asks.
  worker.on('error', () => {})
  // Only a thread somebody waits for keeps the process alive.
  worker.unref()
  return worker
}
