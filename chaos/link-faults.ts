/** What befalls the connections between clients and hub. */
import type { Stage } from './actions.ts'
import type { Link } from './link.ts'
import type { Fault } from './world.ts'

export function linkFaults({ links, random }: Stage): Fault[] {
  const one = (kind: string, weight: number, harm: (link: Link) => void): Fault => ({
    kind,
    weight,
    inject: () => {
      harm(random.pick(links))
      return true
    },
  })
  return [
    one('connection cut', 1, ({ wire }) => wire.cut()),
    one('half-open socket', 1, ({ wire }) => wire.swallow()),
    one('client that stops reading', 1, ({ wire }) => wire.hole()),
    one('client that reads again', 1, ({ wire }) => wire.heal()),
    one('frames lost and doubled from here on', 1, ({ frames }) => {
      frames.drop = 0.2
      frames.repeat = 0.2
    }),
  ]
}
