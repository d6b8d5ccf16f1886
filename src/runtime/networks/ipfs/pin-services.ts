import type { Platform } from '../../platform/platform.js'
import { KuboPins } from './kubo-rpc.js'
import type { PinService } from './pin-service.js'
import { PinningService } from './pinning-service.js'

// What they name is of use only where there are some.
export { Discovery } from './discovery.js'

/** As the settings name one. */
interface NamedService {
  readonly kind: 'kubo' | 'service'
  readonly url: string
  readonly token?: string
  readonly name?: string
}

/** The services that an app has named, in its order. */
export function pinServicesOf(
  named: readonly NamedService[],
  seams: { readonly platform: Platform; readonly fetch?: typeof fetch },
): readonly PinService[] {
  return named.map(({ kind, ...service }) =>
    kind === 'kubo' ? new KuboPins({ ...service, ...seams }) : new PinningService({ ...service, ...seams }),
  )
}
