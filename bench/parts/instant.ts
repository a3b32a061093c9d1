/** The clock that all processes of a machine share: milliseconds since some fixed moment, with fractions. */
export function instant(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
