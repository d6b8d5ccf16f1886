import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import { commonVersion, parseHello, parsePing, PROTOCOL_VERSION } from './protocol.js'
import type { Hello, Pong } from './protocol.js'
import type { WirePort } from './wire-port.js'

export interface HelloEvents {
  onHello(hello: Hello, version: number): void
  /** The page speaks no version that this build does. */
  onStranger(error: SpiceTimeError): void
}

/** Waits for the first hello of a port. */
export function awaitHello(port: WirePort, events: HelloEvents): void {
  const onMessage = (event: MessageEvent<unknown>): void => {
    const hello = parseHello(event.data)
    if (hello === undefined) return
    port.removeEventListener('message', onMessage)
    const version = commonVersion(hello.versions)
    if (version === undefined) events.onStranger(mismatch(hello.versions))
    else events.onHello(hello, version)
  }
  // From the first moment on, and as long as there is the port: a page that waits for its welcome may ask too.
  port.addEventListener('message', (event) => answerPing(port, event.data))
  port.addEventListener('message', onMessage)
  port.start()
}

function answerPing(port: WirePort, data: unknown): void {
  const ping = parsePing(data)
  if (ping === undefined) return
  const pong: Pong = { spicetime: 'pong', id: ping.id }
  port.postMessage(pong)
}

function mismatch(theirs: readonly number[]): SpiceTimeError {
  return new SpiceTimeError(
    'PROTOCOL_MISMATCH',
    `This page speaks version ${theirs.join(', ')} of the runtime's protocol and its worker version ${PROTOCOL_VERSION}. Reload every open tab of this app.`,
    { page: theirs.map(String), worker: PROTOCOL_VERSION },
  )
}
