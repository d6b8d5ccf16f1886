import type { RuntimeClient, Value } from 'spicetime'

/** A file of a task, as its document names it. */
export interface Attachment {
  readonly id: string
  readonly path: string
  readonly name: string
  readonly type: string
  readonly size: number
  readonly cid: string
}

/** The files below a task, by name; what is no file is left out. */
export function readAttachments(path: string, value: Value | undefined): readonly Attachment[] {
  if (!isMap(value)) return []
  const found = Object.entries(value).flatMap(([id, one]) => {
    if (!isMap(one)) return []
    const { cid, name, type, size } = one
    if (typeof cid !== 'string' || typeof name !== 'string' || typeof type !== 'string' || typeof size !== 'number') return []
    return [{ id, path: `${path}/${id}`, name: name === '' ? 'Untitled' : name, type, size, cid }]
  })
  return found.sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1))
}

/** Where the service worker serves a file. */
export function urlOf({ path, cid }: Attachment): string {
  return `spicetime/file/${path}?${cid}`
}

export function isImage({ type }: Attachment): boolean {
  return /^image\/(png|jpeg|gif|webp|avif|svg\+xml)$/.test(type)
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

export function sizeText(bytes: number): string {
  let size = bytes
  let unit = 0
  for (; size >= 1000 && unit < UNITS.length - 1; unit++) size /= 1000
  return `${size.toFixed(unit === 0 || size >= 100 ? 0 : 1)} ${UNITS[unit] ?? ''}`
}

/** Files are kept by a storage network. Where the app was told of none at all, this device keeps them by itself. */
export async function askForStorage(runtime: RuntimeClient): Promise<void> {
  const others = (await runtime.networks()).filter(({ network }) => network !== 'local')
  if (others.every(({ state }) => state === 'not-connected')) await runtime.configureNetworks({ ipfs: {} })
}

function isMap(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
