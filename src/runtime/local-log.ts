import { SpiceTimeError } from './errors/spice-time-error.js'
import type { EventProcessor } from './events/event-processor.js'
import type { Network } from './model/network.js'
import type { LocalLog, LoggedEvent } from './networks/registry.js'

const LOG_PAGE = 500

/** The device's own log as a network. */
export function localLogOf(processor: EventProcessor, stateOf: LocalLog['stateOf']): LocalLog {
  const { log } = processor
  return {
    positionOf: (id) => log.positionOf(id),
    async append(event) {
      await processor.receive('local' satisfies Network, { events: [event.bytes], receipts: [], retracted: [] })
      const position = await log.positionOf(event.id)
      if (position !== undefined) return position
      const standing = await processor.standingOf(event.id)
      const why = standing === undefined || standing.kind === 'applied' ? '' : ` ${standing.reason}`
      throw new SpiceTimeError('NETWORK_REFUSED', `The event ${event.id} can't be kept on this device.${why}`, { event: event.id })
    },
    async *since(position) {
      let page: LoggedEvent[] = []
      for await (const { position: at, row } of log.forwards(position + 1)) {
        const logged = await log.headerAt(at)
        if (logged === undefined) continue
        page.push({ id: logged.id, position: at, bytes: row.bytes })
        if (page.length < LOG_PAGE) continue
        yield page
        page = []
      }
      if (page.length > 0) yield page
    },
    stateOf,
  }
}
