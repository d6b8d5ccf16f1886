import type { CallZomeRequest } from '@holochain/client'
import type { CallKey, SignedCall } from './call-key.js'
import type { Conductor } from './conductor.js'
import { conductorEndpoint } from './endpoint.js'
import type { EndpointParts } from './endpoint.js'
import { WebsocketLink } from './websocket-link.js'
import type { LinkHost } from './websocket-link.js'

/** The conductor that an endpoint answers for: this device's own key signs its calls. */
export function endpointConductor(parts: Omit<EndpointParts, 'device'>, key: CallKey): Conductor {
  const endpoint = conductorEndpoint({ ...parts, device: key.publicKey })
  return {
    async connect(events) {
      const address = await endpoint.open()
      const open: LinkHost['open'] = (wanted) => endpoint.cell({ ...wanted, signingKey: key.signingKey })
      return await WebsocketLink.open({ address, sign: signedBy(key), open }, events)
    },
    onChange: () => () => undefined,
  }
}

/** The library's own way keeps keys as bytes in a table of its own; this one asks WebCrypto. */
export function signedBy(key: CallKey): (call: CallZomeRequest) => Promise<SignedCall> {
  return async ({ cell_id: [dna, agent], zome_name: zome, fn_name: name, cap_secret: secret, ...call }) => {
    if (secret === undefined || secret === null) throw new Error('a call needs its secret')
    const payload: unknown = call.payload
    return await key.sign({ cell: { dna, agent, secret }, zome, name, payload })
  }
}
