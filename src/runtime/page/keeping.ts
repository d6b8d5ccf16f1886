import { answerServiceWorker } from './file-answers.js'
import type { Host } from './host.js'
import { rememberIdentity } from './identity.js'
import { openInbox } from './inbox.js'
import { hearOwners } from './owner-news.js'
import { askToPersist, mayAskToPersist } from './persistence.js'
import type { PortTransport } from './port-transport.js'
import { restWithPage } from './standstill.js'

/** Keeps what a closing page was not answered, learns how the device's data is kept and whether it was lost, and asks the browser once to keep it. */
export function watchOverData(name: string, transport: PortTransport, host: Host): void {
  restWithPage(transport, host)
  transport.useInbox(openInbox(name))
  hearOwners(name, transport)
  transport.onClosed(answerServiceWorker(transport))
  const identity = rememberIdentity(name)
  let reached = Number.NaN
  const look = (): void => {
    transport
      .call({ method: 'storage', subject: [], options: undefined })
      .then(async (report) => {
        const lost = await identity.check(report)
        transport.state.learn({ storage: report.mode, ...(lost === undefined ? {} : { lost }) })
      })
      // Whoever calls next hears why the runtime does not answer.
      .catch(() => undefined)
  }
  transport.onConnection((report) => {
    // A host that lost its database may have another one now, in the same life.
    if (report.state !== 'connected' || report.since === reached) return
    reached = report.since
    look()
  })
  const forget = transport.onAcknowledged(() => {
    // A first submit of the app's own: a later one asks.
    if (!mayAskToPersist()) return
    forget()
    askToPersist().then(
      (changed) => changed && look(),
      // A browser that refuses has answered too.
      () => undefined,
    )
  })
}
