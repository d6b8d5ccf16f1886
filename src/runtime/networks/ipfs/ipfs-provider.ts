import { LazyProvider } from '../lazy-provider.js'
import type { NetworkProvider } from '../provider.js'
import type { DeviceParts } from '../provider-parts.js'
import { EXPECTED_CAPABILITIES } from '../served-requirements.js'
import type { PinService } from './pin-service.js'
import { calledOff, notAsked, notConfigured, stopped, tooLarge } from './ipfs-errors.js'

/** Ways out of this device other than the platform's own, for tests. */
export interface IpfsSeams {
  readonly fetch: typeof fetch
  /** In place of those that the settings name. */
  readonly pinServices?: readonly PinService[]
}

/** Milliseconds until a block is committed, before anything was measured. */
const EXPECTED_LATENCY = 50
const EXPECTED_SUCCESS = 0.99

/** Files and large content in IPFS, from Helia. Nothing but this door is loaded before a space, an event or content asks for storage. */
export function createIpfsProvider(device: DeviceParts, seams: IpfsSeams = { fetch: (...request) => fetch(...request) }): NetworkProvider {
  return new LazyProvider({
    network: 'ipfs',
    name: 'IPFS',
    capabilities: EXPECTED_CAPABILITIES.ipfs,
    requirement: 'storage',
    spaces: device.spaces,
    content: true,
    quote: { cost: 0, latency: EXPECTED_LATENCY, success: EXPECTED_SUCCESS },
    errors: { ...{ stopped, notConfigured, notAsked, calledOff }, tooLarge: ({ id, bytes }, limit) => tooLarge(id, bytes.length, limit) },
    async load({ settings, ...context }) {
      const [{ IpfsNode }, { parseSettings }] = await Promise.all([import('./ipfs-node.js'), import('./settings.js')])
      const parsed = parseSettings(settings)
      const pinServices =
        parsed.pins.length === 0
          ? []
          : (await import('./pin-services.js')).pinServicesOf(parsed.pins, { platform: context.platform, fetch: seams.fetch })
      return await IpfsNode.open({ ...context, device, settings: parsed, pinServices, ...seams })
    },
  })
}
