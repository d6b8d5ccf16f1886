interface PersistentStorage {
  persisted(): Promise<boolean>
  persist(): Promise<boolean>
}

/** Whether the person did something here, so that a question of the browser's does not come out of the blue. */
export function mayAskToPersist(): boolean {
  const { userActivation } = navigator as { readonly userActivation?: { readonly hasBeenActive: boolean } }
  return userActivation?.hasBeenActive !== false
}

/**
 * Asks the browser to keep this origin's data, once something was stored that is worth keeping: not on load, when a person has no reason to
 * agree yet. Only a page may ask.
 * @returns whether the answer may have changed what is kept
 */
export async function askToPersist(): Promise<boolean> {
  const { storage } = navigator as { readonly storage?: PersistentStorage }
  if (storage === undefined) return false
  if (await storage.persisted()) return false
  return await storage.persist()
}
