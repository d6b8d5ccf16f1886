import type { StorageReport } from '../runtime-client.js'

/** Remembers whose device this is, beside the database and apart from it, so that an emptied one is not taken for a new one. */
export interface Identity {
  /**
   * Compares what the runtime says with what is remembered.
   * @returns the author whose data was here and is gone; undefined when nothing was lost. An emptied device is told of by every page until
   * one has connected after something new was stored
   */
  check(report: Pick<StorageReport, 'author' | 'events' | 'mode'>): string | undefined
}

/** For one page and the runtime of that name. */
export function rememberIdentity(name: string): Identity {
  const key = `spicetime/${name}`
  // What this page saw counts though the browser cleared its storage, or refuses it.
  let seen: string | undefined
  let lost: string | undefined
  return {
    check({ author, events, mode }) {
      const known = seen ?? read(key)
      if (known !== undefined && known !== author) lost = known
      if (lost === author) lost = undefined
      seen = author
      // A database in memory is gone with its host, and that is no loss.
      if (mode !== 'memory') write(key, lost === undefined || events > 0 ? author : lost)
      return lost
    },
  }
}

interface DeviceMemory {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

/** The page's localStorage; asking for it throws where the browser refuses it. */
function memory(): DeviceMemory | undefined {
  return (globalThis as { readonly localStorage?: DeviceMemory }).localStorage
}

/** Undefined where nothing is remembered, or the browser refuses to say. */
function read(key: string): string | undefined {
  try {
    return memory()?.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

function write(key: string, author: string): void {
  try {
    if (memory()?.getItem(key) !== author) memory()?.setItem(key, author)
  } catch {
    // A browser that keeps nothing for this page: the loss of its data is told only while the page lives.
  }
}
