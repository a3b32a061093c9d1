import fc from 'fast-check'
import { expect, it } from 'vitest'
import { codecFor, jsonCodec, superjsonCodec } from '../../src/protocol/codec.ts'
import { SUBPROTOCOL_JSON, SUBPROTOCOL_SUPERJSON } from '../../src/protocol/version.ts'

/** Keys that tool arguments and JSON Schemas do contain, and libraries stumble over. */
const key = fc.oneof(
  fc.constantFrom(
    'constructor',
    'prototype',
    '__proto__',
    'toString',
    'json',
    'meta',
    'values',
    'a.b',
    'a\\.b',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\u2028', '\u2029', '\ud800', '\u0000', '"\\'),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    // What came as JSON has `__proto__` as a key of its own.
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 4 })
      .map((entries) =>
        JSON.parse(
          `{${entries.map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`).join()}}`,
        ),
      ),
  ),
}))

it.each([jsonCodec, superjsonCodec])(
  '[ENC1] $name brings back any JSON value as it was, whatever its keys and texts',
  (codec) => {
    fc.assert(
      fc.property(value, (each) => {
        const message = { jsonrpc: '2.0', params: each }
        const back = codec.decode(codec.encode(message)) as typeof message
        expect(JSON.stringify(back)).toBe(JSON.stringify(message))
      }),
      { numRuns: 500 },
    )
  },
)

it('[ENC2] superjson brings back dates, maps, sets, errors, undefined and big integers', () => {
  const message = {
    at: new Date(5),
    map: new Map([['a', { b: new Set([1, 2]) }]]),
    error: new TypeError('no'),
    nothing: undefined,
    big: 2n ** 70n,
  }
  const back = superjsonCodec.decode(superjsonCodec.encode(message)) as typeof message
  expect({ ...back, error: [back.error instanceof Error, back.error.name, back.error.message] }).toEqual({
    ...message,
    error: [true, 'TypeError', 'no'],
  })
})

it('[ENC3] what is not of the encoding is refused, also what would pollute a prototype', () => {
  for (const wrong of ['', '{', '[1', 'nul', '\u0000'])
    expect(() => jsonCodec.decode(wrong)).toThrow(SyntaxError)
  for (const wrong of ['', '1', 'null', '[]', '{"meta":{}}'])
    expect(() => superjsonCodec.decode(wrong)).toThrow(SyntaxError)
  const evil = '{"json":{"a":1},"meta":{"values":{"__proto__.polluted":["Date"]}}}'
  try {
    superjsonCodec.decode(evil)
  } catch {
    // Refusing it is as good.
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

it('[ENC3] a client that names no encoding, or an unknown one, gets plain JSON', () => {
  expect([codecFor('').name, codecFor('xml').name]).toEqual([SUBPROTOCOL_JSON, SUBPROTOCOL_JSON])
  expect(codecFor(SUBPROTOCOL_SUPERJSON)).toBe(superjsonCodec)
})
