/** What makes a job's stream. Output gathers like the text of a session; everything else leaves at once. */
import { applyJobDeltas, type JobDelta, type JobState } from '../../protocol/job.ts'
import { cutText } from '../../protocol/json-size.ts'
import { FRAME_TARGET_BYTES } from '../../protocol/version.ts'
import type { StreamKind } from '../stream/stream.ts'

/** What a frame's method, ids and cursor take, and a delta's own. */
const ENVELOPE_BYTES = 1_024

export function jobStreamKind(jobId: string): StreamKind<JobState, JobDelta> {
  return {
    fold: applyJobDeltas,
    merge(gathered, delta) {
      const last = gathered.at(-1)
      if (delta.op === 'output' && last?.op === 'output' && last.stream === delta.stream) {
        gathered[gathered.length - 1] = { ...last, text: last.text + delta.text }
      } else gathered.push(delta)
    },
    isGatherable: (delta) => delta.op === 'output',
    snapshotParts: partsOf,
    deltaFrame: (cursor, deltas) => ({ method: 'job/delta', params: { jobId, cursor, deltas } }),
    snapshotFrame: (cursor, part, last, deltas) => ({
      method: 'job/snapshot',
      params: { jobId, cursor, part, last, deltas },
    }),
    weigh: (deltas) =>
      deltas.reduce(
        (bytes, delta) =>
          bytes + (delta.op === 'output' ? 100 + delta.text.length : JSON.stringify(delta).length),
        200,
      ),
  }
}

/** A part for the job itself, and one for each piece of output that fills a frame. */
function partsOf({ job, output, dropped }: JobState): JobDelta[][] {
  const parts: JobDelta[][] = [[{ op: 'reset', job, dropped }]]
  for (const { stream, text } of output) {
    for (const piece of cutText(text, FRAME_TARGET_BYTES - ENVELOPE_BYTES)) {
      parts.push([{ op: 'output', stream, text: piece }])
    }
  }
  return parts
}
