import { openLink } from '../../runtime/page/link.js'
import { Patience } from '../../runtime/page/patience.js'
import { PortTransport } from '../../runtime/page/port-transport.js'
import { browserPlatform } from '../../runtime/platform/browser.js'
import { pageLocks } from '../../runtime/platform/page-locks.js'
import { sharedWorkerHost } from '../../runtime/shared-worker-host.js'

/** A page that watches and never says goodbye, for an iframe that a test takes away. Its worker's name is the frame's name. */
const shared = { platform: browserPlatform, locks: pageLocks }
const host = sharedWorkerHost({
  ...shared,
  name: window.name,
  make: (name) => new SharedWorker(new URL('./stand-in.shared-worker.ts', import.meta.url), { type: 'module', name }),
})
const options = { ...shared, host, patience: new Patience(browserPlatform) }
openLink(options).then(
  (link) => {
    const receiver = {
      change: () => parent.postMessage('frame watches'),
      restarted: () => undefined,
      waits: () => false,
      failed: () => undefined,
    }
    new PortTransport(options, link).open({ kind: 'state', path: 'me/tasks/1' }, receiver)
  },
  (error: unknown) => parent.postMessage(String(error)),
)
