/** A word that a page keeps beside the database and apart from it. */
export interface DeviceMemory {
  /** What is remembered: more than one word when the browser kept an older one in one of the places. */
  read(): Promise<readonly string[]>
  write(word: string): Promise<void>
}

/**
 * Kept in two places: localStorage, which every browser has and Chromium writes to disk only seconds later, and a file of the origin's own,
 * which survives a browser that is killed at once. Neither lies where IndexedDB does: a browser throws all of that away when it finds it torn.
 */
export function deviceMemory(name: string): DeviceMemory {
  const key = `spicetime/${name}`
  const file = `spicetime-${encodeURIComponent(name)}`
  return {
    async read() {
      const words = await Promise.all([allowed(() => places().localStorage?.getItem(key)), allowed(() => readFile(file))])
      return words.filter((word): word is string => typeof word === 'string' && word !== '')
    },
    async write(word) {
      await Promise.all([allowed(() => places().localStorage?.setItem(key, word)), allowed(() => writeFile(file, word))])
    },
  }
}

/** Undefined where the browser has no such place, or refuses it: the loss of the data is then told only while the page lives. */
async function allowed<T>(use: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await use()
  } catch {
    return undefined
  }
}

async function readFile(name: string): Promise<string | undefined> {
  const folder = await places().navigator?.storage?.getDirectory?.()
  const file = await folder?.getFileHandle(name)
  return (await file?.getFile())?.text()
}

async function writeFile(name: string, word: string): Promise<void> {
  const folder = await places().navigator?.storage?.getDirectory?.()
  const file = await folder?.getFileHandle(name, { create: true })
  const writable = await file?.createWritable?.()
  await writable?.write(word)
  await writable?.close()
}

/** What of a page this needs; none of it is in every browser. */
interface Places {
  readonly localStorage?: { getItem(key: string): string | null; setItem(key: string, value: string): void }
  readonly navigator?: { readonly storage?: { getDirectory?(): Promise<Folder> } }
}
interface Folder {
  getFileHandle(name: string, options?: { readonly create: boolean }): Promise<FileHandle>
}
interface FileHandle {
  getFile(): Promise<{ text(): Promise<string> }>
  createWritable?(): Promise<{ write(text: string): Promise<void>; close(): Promise<void> }>
}

/** Asking for localStorage throws where the browser refuses it. */
function places(): Places {
  return globalThis
}
