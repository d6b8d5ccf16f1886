import { requireProgram } from '../binaries.js'
import { startPeer } from '../peer-process.js'

/** A server through which conductors on this machine find and reach one another. */
export interface Bootstrap {
  readonly url: string
  stop(): Promise<void>
}

/** Starts one on a free port of the loopback interface. @throws SpiceTimeError PROGRAM_MISSING, NETWORK_UNAVAILABLE */
export async function startBootstrap(): Promise<Bootstrap> {
  const server = await startPeer({
    program: requireProgram('kitsune2-bootstrap-srv'),
    arguments: ['--listen', '127.0.0.1:0'],
    lines: [/#listening#(127\.0\.0\.1:\d+)#/],
  })
  return { url: `http://${server.found[0] ?? ''}`, stop: () => server.stop() }
}
