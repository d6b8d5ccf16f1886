import { SpiceTimeError } from './errors/spice-time-error.js'
import type { PageServices } from './networks/registry.js'

/** A runtime that no page can reach: in Node. */
export const noPages: PageServices = {
  offered: () => false,
  onChange: () => () => undefined,
  ask: (service) =>
    Promise.reject(new SpiceTimeError('PAGE_NEEDED', `'${service}' is offered by a page, and this runtime has none. Use it in a browser.`)),
}
