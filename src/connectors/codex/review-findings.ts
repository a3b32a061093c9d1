/**
 * Findings of a review as rows: from Codex's structured output where there is one (rollouts have it), else from the words
 * that Codex makes of it. Pure and lenient: what is no finding stays in the explanation.
 */
import type { Finding, Review } from '../../protocol/review.ts'
import { asFields, asList, asNumber, asText, type Fields } from './decode.ts'

export type ReviewContent = Pick<Review, 'explanation' | 'correctness' | 'findings'>

/** Codex's heading before one comment, and before several (0.98 to 0.169). */
const HEADING = /^(?:Review comment|Full review comments):$/m
const COMMENT = /^- (?:\[[ x]\] )?(.+)$/
/** The last dash is Codex's; others are the reviewer's. */
const PLACE = /^(.*) — (.+?):(\d+)-(\d+)$/
const PRIORITY = /^\[P(\d)\] */

/** Codex's `ReviewOutputEvent`; null when it is none. */
export function readReviewOutput(value: unknown): ReviewContent | null {
  const output = asFields(value)
  if (!output || !Array.isArray(output.findings)) return null
  return {
    explanation: asText(output.overall_explanation) ?? '',
    correctness: asText(output.overall_correctness) || null,
    findings: asList(output.findings).flatMap(
      (finding, index) => readFinding(asFields(finding), index) ?? [],
    ),
  }
}

function readFinding(finding: Fields | null, index: number): Finding | null {
  const title = asText(finding?.title)
  if (!finding || title === null) return null
  const place = asFields(finding.code_location)
  const lines = asFields(place?.line_range)
  return {
    id: `f${index + 1}`,
    title: title.replace(PRIORITY, ''),
    text: asText(finding.body) ?? '',
    priority: asNumber(finding.priority) ?? priorityIn(title),
    confidence: asNumber(finding.confidence_score),
    file: asText(place?.absolute_file_path),
    startLine: asNumber(lines?.start),
    endLine: asNumber(lines?.end),
  }
}

/** The words of `exitedReviewMode`. */
export function readReviewText(text: string): ReviewContent {
  const heading = HEADING.exec(text)
  if (!heading) return { explanation: text.trim(), correctness: null, findings: [] }
  const findings: Finding[] = []
  let body: string[] = []
  const end = () => {
    const last = findings.at(-1)
    if (last) findings[findings.length - 1] = { ...last, text: body.join('\n').trim() }
    body = []
  }
  for (const line of text.slice(heading.index + heading[0].length).split('\n')) {
    const comment = COMMENT.exec(line)?.[1]
    if (comment === undefined) {
      body.push(line.replace(/^ {2}/, ''))
      continue
    }
    end()
    findings.push(readComment(comment, findings.length))
  }
  end()
  return { explanation: text.slice(0, heading.index).trim(), correctness: null, findings }
}

function readComment(comment: string, index: number): Finding {
  const place = PLACE.exec(comment)
  const title = place?.[1] ?? comment
  return {
    id: `f${index + 1}`,
    title: title.replace(PRIORITY, ''),
    text: '',
    priority: priorityIn(title),
    confidence: null,
    file: place?.[2] ?? null,
    startLine: place ? Number(place[3]) : null,
    endLine: place ? Number(place[4]) : null,
  }
}

function priorityIn(title: string): number | null {
  const found = PRIORITY.exec(title)?.[1]
  return found === undefined ? null : Number(found)
}

/** The words Codex makes of a structured output: for rollouts, which have only that. */
export function reviewText(value: unknown): string {
  const output = asFields(value)
  const explanation = (asText(output?.overall_explanation) ?? '').trim()
  const comments = asList(output?.findings).map((entry) => {
    const finding = asFields(entry) ?? {}
    const place = asFields(finding.code_location)
    const lines = asFields(place?.line_range)
    const head = `- ${asText(finding.title) ?? ''} — ${asText(place?.absolute_file_path) ?? ''}:${lines?.start}-${lines?.end}`
    return [head, ...(asText(finding.body) ?? '').split('\n').map((line) => `  ${line}`)].join('\n')
  })
  if (comments.length === 0) return explanation
  const heading = comments.length === 1 ? 'Review comment:' : 'Full review comments:'
  return [explanation, heading, ...comments].filter((part) => part !== '').join('\n\n')
}
