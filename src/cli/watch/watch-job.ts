/** Follows a job to its end: output as it comes, or one JSON document a line. */
import type { HubClient } from '../../client/client.ts'
import type { Job, JobState } from '../../protocol/job.ts'
import { CliError, EXIT } from '../exit.ts'
import { listenForStop } from '../signals.ts'

export interface JobWatch {
  readonly json: boolean
  /** Where output goes as it comes; nowhere with `json`. */
  readonly write?: (stream: 'stdout' | 'stderr', text: string) => void
  /** The person has seen enough, or nobody is there any more. */
  readonly interrupted?: () => void
}

/** @returns the job at its end. @throws CliError when the hub knows it no more */
export async function watchJob(hub: HubClient, jobId: string, watch: JobWatch): Promise<Job> {
  const handle = hub.job(jobId)
  const stopSignal = listenForStop()
  void stopSignal.asked.then(watch.interrupted)
  let shown = 0
  try {
    return await new Promise<Job>((resolve, reject) => {
      const look = (): void => {
        const { state, status } = handle.getSnapshot()
        if (status === 'gone') {
          reject(new CliError('The hub knows this job no more: it was restarted.', EXIT.indeterminate))
        }
        if (!state || status === 'loading') return
        shown = show(state, shown, watch)
        if (state.job.status !== 'running') {
          stop()
          resolve(state.job)
        }
      }
      const stop = handle.subscribe(look)
      look()
    })
  } finally {
    stopSignal.release()
    handle.release()
  }
}

/** Show what is beyond the first `shown` units of the output. @returns how much was shown by now */
function show({ output, dropped }: JobState, shown: number, { json, write }: JobWatch): number {
  let at = dropped
  for (const { stream, text } of output) {
    const fresh = text.slice(Math.max(0, shown - at))
    at += text.length
    if (fresh === '' || at <= shown) continue
    if (json) console.log(JSON.stringify({ output: { stream, text: fresh } }))
    else write?.(stream, fresh)
  }
  return at
}
