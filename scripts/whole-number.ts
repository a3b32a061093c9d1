/** Reads a number of something from a command line. */
import { InvalidArgumentError } from 'commander'

/** @throws InvalidArgumentError, which commander tells */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number above 0 is needed.')
  return Number(text)
}
