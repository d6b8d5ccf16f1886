import type { AppWebsocket, CallZomeRequest } from '@holochain/client'
import type { Platform } from '../../platform/platform.js'
import type { PageServices } from '../provider-parts.js'
import type { SignedCall } from './call-key.js'
import type { Conductor, ConductorLink, LinkEvents } from './conductor.js'
import type { OpenCell, WantedSpace } from './endpoint.js'
import { holochainError } from './holochain-errors.js'
import { askOf, CONDUCTOR_SERVICE, strange } from './page-asks.js'
import type { AskPage } from './page-asks.js'
import { PageLink } from './page-link.js'
import { WebsocketLink } from './websocket-link.js'
import { propertiesOf, ROLE_NAME } from './zome-calls.js'

/** The conductor of the page's launcher, or of a client that was injected into the page. */
export function pageConductor(services: () => Promise<PageServices>, platform: Platform): Conductor {
  const ask = askOf(services)
  return {
    async connect(events) {
      const opened = await ask({ kind: 'open' })
      const watch = new PageWatch(await services(), events)
      const link = opened['by'] === 'client' ? new PageLink(ask, watch, platform) : await launcherLink(opened, ask, watch)
      return watch.closing(link)
    },
    onChange(listener) {
      let undo: () => void = () => undefined
      let over = false
      services().then(
        (pages) => {
          if (!over) undo = pages.onChange(() => pages.offered(CONDUCTOR_SERVICE) && listener())
        },
        // Without them nothing is ever offered, and each ask says so.
        () => undefined,
      )
      return () => {
        over = true
        undo()
      }
    },
  }
}

/** A page that goes takes its conductor along. */
class PageWatch implements LinkEvents {
  readonly onSignal: LinkEvents['onSignal']
  readonly #pages: PageServices
  readonly #ended: () => void
  #undo: () => void = () => undefined

  constructor(pages: PageServices, { onSignal, onClosed }: LinkEvents) {
    this.onSignal = onSignal
    this.#pages = pages
    this.#ended = onClosed
  }

  readonly onClosed = (): void => {
    this.#undo()
    this.#ended()
  }

  /** The link, which ends once no page offers it any more. */
  closing(link: ConductorLink): ConductorLink {
    this.#undo = this.#pages.onChange(() => {
      if (this.#pages.offered(CONDUCTOR_SERVICE)) return
      link.close()
      this.onClosed()
    })
    return {
      conductor: link.conductor,
      url: link.url,
      cell: (wanted) => link.cell(wanted),
      peers: () => link.peers(),
      close: () => {
        this.#undo()
        link.close()
      },
    }
  }
}

function launcherLink(opened: Readonly<Record<string, unknown>>, ask: AskPage, events: LinkEvents): Promise<WebsocketLink> {
  const { by, url, token } = opened
  if (by !== 'launcher' || typeof url !== 'string' || !/^wss?:/.test(url) || !(token instanceof Uint8Array)) throw strange()
  const sign = async (call: CallZomeRequest): Promise<SignedCall> => {
    const { bytes, signature } = await ask({ kind: 'sign', call })
    if (bytes instanceof Uint8Array && signature instanceof Uint8Array) return { bytes, signature }
    throw strange()
  }
  return WebsocketLink.open({ address: { url, token, conductor: 'of a launcher' }, sign, open: ownClone }, events)
}

/** A clone of the launcher's app, as it makes one for the device's endpoint. */
async function ownClone({ seed, space }: WantedSpace, app: AppWebsocket): Promise<Omit<OpenCell, 'secret'>> {
  const { cell_info: cells } = await app.appInfo()
  const ours = cells[ROLE_NAME]
  if (ours === undefined) throw wrongApp()
  const known = ours.find((cell) => cell.type === 'cloned' && cell.value.dna_modifiers.network_seed === seed)
  if (known?.type === 'cloned') return cellOf(known.value.cell_id)
  const properties = propertiesOf(space)
  const clone = await app.createCloneCell({ role_name: ROLE_NAME, modifiers: { network_seed: seed, properties } })
  return cellOf(clone.cell_id)
}

function cellOf([dna, agent]: readonly [Uint8Array, Uint8Array]): Omit<OpenCell, 'secret'> {
  return { dna: new Uint8Array(dna), agent: new Uint8Array(agent) }
}

function wrongApp(): Error {
  return holochainError(
    'NETWORK_VERSION_UNSUPPORTED',
    `The launcher's app has no role '${ROLE_NAME}'. Install holochain/spicetime.happ of this version in it.`,
  )
}
