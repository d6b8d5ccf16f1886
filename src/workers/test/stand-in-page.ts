import { installErrorsHandler } from '../errors-handler.js'
import { createClient } from '../../runtime/page/client.js'
import { openLink } from '../../runtime/page/link.js'
import type { LinkOptions } from '../../runtime/page/link.js'
import { PortTransport } from '../../runtime/page/port-transport.js'
import type { RuntimeClient } from '../../runtime/runtime-client.js'

/** What `connect` does, with a host and locks of the test's own. */
export async function connectPage(options: LinkOptions): Promise<{ client: RuntimeClient; transport: PortTransport }> {
  installErrorsHandler()
  const transport = new PortTransport(options, await openLink(options))
  return { client: createClient(transport), transport }
}
