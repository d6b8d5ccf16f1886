interface PersistentStorage {
  persisted(): Promise<boolean>
  persist(): Promise<boolean>
}

/**
 * Asks the browser to keep this origin's data, once something was stored that is worth keeping: not on load, when a person has no reason to
 * agree yet. Only a page may ask; where the browser asks its user, only after they did something here.
 * @returns whether the answer may have changed what is kept
 */
export async function askToPersist(): Promise<boolean> {
  const { storage, userActivation } = navigator as {
    readonly storage?: PersistentStorage
    readonly userActivation?: { readonly hasBeenActive: boolean }
  }
  if (storage === undefined || userActivation?.hasBeenActive === false) return false
  if (await storage.persisted()) return false
  return await storage.persist()
}
