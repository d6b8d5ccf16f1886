import { openLink } from '../../runtime/page/link.js'
import { PortTransport } from '../../runtime/page/port-transport.js'
import { browserPlatform } from '../../runtime/platform/browser.js'
import { webLocks } from '../../runtime/platform/client-locks.js'
import { sharedWorkerHost } from '../../runtime/shared-worker-host.js'

/** A page that watches and never says goodbye, for an iframe that a test takes away. Its worker's name is the frame's name. */
const host = sharedWorkerHost(
  window.name,
  () => new SharedWorker(new URL('./stand-in.shared-worker.ts', import.meta.url), { type: 'module', name: window.name }),
)
const options = { host, platform: browserPlatform, locks: webLocks }
openLink(options).then(
  (link) => {
    const receiver = { change: () => parent.postMessage('frame watches'), restarted: () => undefined, failed: () => undefined }
    new PortTransport(options, link).open({ kind: 'state', path: 'me/tasks/1' }, receiver)
  },
  (error: unknown) => parent.postMessage(String(error)),
)
