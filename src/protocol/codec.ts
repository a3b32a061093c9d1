/**
 * Encodings of the wire. Messages are plain JSON values in both; superjson is for TypeScript clients that put richer
 * values (Date, Map, undefined …) into open places.
 */
import superjson, { type SuperJSONResult } from 'superjson'
import { SUBPROTOCOL_JSON, SUBPROTOCOL_SUPERJSON } from './version.ts'

export interface Codec {
  readonly name: string
  encode(message: unknown): string
  /** @throws SyntaxError when the text is not of this encoding. */
  decode(text: string): unknown
}

export const jsonCodec: Codec = {
  name: SUBPROTOCOL_JSON,
  encode: (message) => JSON.stringify(message),
  decode: (text) => JSON.parse(text) as unknown,
}

export const superjsonCodec: Codec = {
  name: SUBPROTOCOL_SUPERJSON,
  encode(message) {
    try {
      const { json, meta } = superjson.serialize(message)
      // superjson 2.2 drops `__proto__` without a word, so what needs no annotations is not taken from it.
      if (meta !== undefined) return JSON.stringify({ json, meta })
    } catch {
      // It refuses keys such as `constructor`, which tool arguments do contain. Sent without annotations nothing is lost.
    }
    return JSON.stringify({ json: message })
  },
  decode(text) {
    const parsed = JSON.parse(text) as SuperJSONResult
    if (typeof parsed !== 'object' || parsed === null || !('json' in parsed)) {
      throw new SyntaxError('A superjson message is an object with a "json" member.')
    }
    return parsed.meta === undefined ? parsed.json : superjson.deserialize(parsed, { inPlace: true })
  },
}

export const CODECS: readonly Codec[] = [jsonCodec, superjsonCodec]

/** The codec for a negotiated subprotocol; plain JSON when none was named. */
export function codecFor(subprotocol: string): Codec {
  return CODECS.find((codec) => codec.name === subprotocol) ?? jsonCodec
}
