import { restPage, servePage } from '../workers/page-host.js'
import type { Host } from './page/host.js'
import { openOwnerPort } from './page/owner-port.js'
import type { Platform } from './platform/platform.js'

/** The runtime in this page, where there are no workers at all: it serves all tabs while it owns the database. */
export function inPageHost({ name, platform }: { readonly name: string; readonly platform: Platform }): Host {
  return {
    async open() {
      const { port } = await servePage(name)
      return { port, running: true, settled: () => undefined, onFailure: () => () => undefined }
    },
    rest: () => restPage(name),
    openOwner: async () => openOwnerPort(name, platform),
  }
}
