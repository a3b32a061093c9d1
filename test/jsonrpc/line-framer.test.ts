import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DroppedLine, LineFramer } from '../../src/jsonrpc/line-framer.ts'

function read(chunks: Iterable<Buffer>, maxLineBytes?: number) {
  const lines: string[] = []
  const dropped: DroppedLine[] = []
  const framer = new LineFramer({
    onLine: (line) => lines.push(line),
    onDropped: (drop) => dropped.push(drop),
    ...(maxLineBytes === undefined ? {} : { maxLineBytes }),
  })
  for (const chunk of chunks) framer.push(chunk)
  framer.end()
  expect(framer.droppedLines).toBe(dropped.length)
  return { lines, dropped }
}

/** Cut `bytes` at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end))
}

test('[RPC1] a stream is split on LF bytes and nothing else', () => {
  const bytes = Buffer.from('"a\u2028b"\n"c\u2029d\u0085e"\r\n\n\r\n"f\rg"\n')
  expect(read([bytes])).toEqual({ lines: ['"a\u2028b"', '"c\u2029d\u0085e"', '"f\rg"'], dropped: [] })
})

test('[RPC2] the lines are the same however the bytes were cut', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 80 }).map((text) => text.replace(/[\r\n]/g, ''))
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat()), (texts, places) => {
      const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''))
      expect(read(cut(bytes, places))).toEqual({ lines: texts.filter((text) => text !== ''), dropped: [] })
    }),
  )
})

test('[RPC2] a line of 20 MiB may come one byte at a time', () => {
  const size = 20 * 1024 * 1024
  const framer = new LineFramer({ onLine: (line) => lengths.push(line.length) })
  const lengths: number[] = []
  const piece = Buffer.from('x')
  for (let at = 0; at < size; at++) framer.push(piece)
  framer.push(Buffer.from('\nnext\n'))
  expect(lengths).toEqual([size, 4])
})

test('[RPC3] a line over the limit is dropped whole, reported with its first bytes, and the next one is read', () => {
  const bytes = Buffer.from(`12345678\n${'y'.repeat(1000)}\nnext\n123456789\nlast\n`)
  const expected = {
    lines: ['12345678', 'next', 'last'],
    dropped: [
      { why: 'tooLong', bytes: 1000, head: 'y'.repeat(256) },
      { why: 'tooLong', bytes: 9, head: '123456789' },
    ],
  }
  expect(read([bytes], 8)).toEqual(expected)
  fc.assert(
    fc.property(fc.array(fc.nat()), (places) => {
      expect(read(cut(bytes, places), 8)).toEqual(expected)
    }),
  )
})

test('[RPC4] what the stream ended in the middle of is reported and not taken for a line', () => {
  expect(read([Buffer.from('whole\nha'), Buffer.from('lf')])).toEqual({
    lines: ['whole'],
    dropped: [{ why: 'unfinished', bytes: 4, head: 'half' }],
  })
})

test('[RPC4] any bytes in any pieces are either a line or a report', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat()), (array, places) => {
      const bytes = Buffer.from(array)
      const { lines, dropped } = read(cut(bytes, places), 64)
      const pieces = bytes.toString('latin1').split('\n')
      const nonEmpty = pieces.filter((piece) => piece !== '' && piece !== '\r')
      const unread = pieces.at(-1) === '\r' ? 1 : 0
      expect(lines.length + dropped.length).toBe(nonEmpty.length + unread)
    }),
  )
})
