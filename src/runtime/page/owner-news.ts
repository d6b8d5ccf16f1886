import { browserChannel } from '../../workers/channel.js'
import type { Channel } from '../../workers/channel.js'
import { ownerName, parseOwnerAnswer } from '../../workers/protocol.js'
import type { PortTransport } from './port-transport.js'

/** A new owner says so: a tab that only watches hears in this way that its host was given up by another tab. */
export function hearOwners(name: string, transport: Pick<PortTransport, 'connection' | 'suspect' | 'onClosed'>): void {
  let channel: Channel | undefined
  const hear = (): void => {
    if (channel !== undefined) return
    channel = browserChannel(ownerName(name))
    channel.addEventListener('message', ({ data }) => {
      const answer = parseOwnerAnswer(data)
      if (answer?.id === '' && answer.generation !== transport.connection.generation) transport.suspect()
    })
  }
  // An open channel may keep a page out of the back/forward cache; a page that comes back connects anew in any case.
  const rest = (): void => {
    channel?.close()
    channel = undefined
  }
  hear()
  addEventListener('pagehide', rest)
  addEventListener('pageshow', hear)
  transport.onClosed(() => {
    rest()
    removeEventListener('pagehide', rest)
    removeEventListener('pageshow', hear)
  })
}
