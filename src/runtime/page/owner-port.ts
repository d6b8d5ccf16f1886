import { openBroadcastPort } from '../../workers/broadcast-port.js'
import { browserChannel } from '../../workers/channel.js'
import { ownerName } from '../../workers/protocol.js'
import type { OwnerQuestion } from '../../workers/protocol.js'
import type { Platform } from '../platform/platform.js'
import { randomHex } from '../platform/random-hex.js'
import type { HostPort, StreamEnds } from './host.js'

/** A port to the host that owns the database of that name, wherever it runs: over a BroadcastChannel of its own. */
export function openOwnerPort(name: string, platform: Platform): HostPort {
  const channel = `spicetime-port/${randomHex(platform, 16)}`
  const port = openBroadcastPort(channel)
  const owner = browserChannel(ownerName(name))
  const question: OwnerQuestion = { spicetime: 'connect', channel }
  owner.postMessage(question)
  owner.close()
  const streamEnds = (): StreamEnds => {
    const far = `spicetime-stream/${randomHex(platform, 16)}`
    return { near: openBroadcastPort(far), far }
  }
  return { port, streamEnds, running: true, onFailure: () => () => undefined, settled: () => undefined }
}
