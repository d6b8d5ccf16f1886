import type { Host } from './host.js'
import type { PortTransport } from './port-transport.js'

/**
 * What runs in the page lets go of the database before the page is frozen or kept in the back/forward cache; not every browser tells of the
 * first. The transport itself connects anew when the page is back from that cache.
 */
export function restWithPage(transport: PortTransport, host: Host): void {
  let frozen = false
  let cached = false
  const rest = (): boolean => {
    const rested = host.rest?.() === true
    if (rested) transport.rest()
    return rested
  }
  const onHide = (event: PageTransitionEvent): void => {
    cached = event.persisted
    if (cached) rest()
  }
  const onFreeze = (): void => void (frozen = !cached && rest())
  const onResume = (): void => {
    // `renew` reports its own failure to every call and stream.
    if (frozen) void transport.renew()
    frozen = false
  }
  const onShow = (): void => void (cached = false)
  addEventListener('pagehide', onHide)
  addEventListener('pageshow', onShow)
  document.addEventListener('freeze', onFreeze)
  document.addEventListener('resume', onResume)
  transport.onClosed(() => {
    removeEventListener('pagehide', onHide)
    removeEventListener('pageshow', onShow)
    document.removeEventListener('freeze', onFreeze)
    document.removeEventListener('resume', onResume)
  })
}
