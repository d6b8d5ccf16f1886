import { browserPlatform } from '../runtime/platform/browser.js'
import { browserStorageFacts } from '../runtime/platform/storage-facts.js'
import { Runtime } from '../runtime/runtime.js'
import type { BlockStore } from '../runtime/storage/block-store.js'
import { openIndexedDbStore } from '../runtime/storage/indexed-db/indexed-db-store.js'
import type { RuntimeService, StartContext } from './runtime-service.js'

/**
 * Opens the browser's database of that name and the runtime on it.
 * @throws SpiceTimeError STORAGE_UNAVAILABLE, STORAGE_VERSION_NEWER, STORAGE_BLOCKED, STORAGE_FULL, STORAGE_FAILED, CRYPTO_UNAVAILABLE
 */
export async function startRuntime(name: string, context: StartContext): Promise<RuntimeService> {
  const { diagnostics } = context
  const { store, keys } = await openIndexedDbStore({
    platform: browserPlatform,
    name,
    onDamaged: ({ key, reason }) => diagnostics.emit({ kind: 'record-damaged', key, reason }),
    // A newer build upgrades it.
    onObsolete: () => context.onOvertaken(),
    onClosed: (error) => (error.context['overtaken'] === true ? context.onOvertaken() : context.onEnded(error)),
    onBackgroundFailure: (error) =>
      diagnostics.emit({ kind: 'background-failed', task: 'storage', code: error.code, reason: error.message }),
  })
  const openBlocks = async (): Promise<BlockStore> => {
    const { openIndexedDbBlockStore } = await import('../runtime/storage/indexed-db/indexed-db-block-store.js')
    return await openIndexedDbBlockStore({ platform: browserPlatform, name })
  }
  context.onReadable((path) => Runtime.readStored(store, path))
  // Reads that wait go to the storage first: what follows keeps this thread busy for a while.
  await new Promise<void>((resolve) => browserPlatform.after(0, resolve))
  try {
    return await Runtime.open({ store, keys, openBlocks, platform: browserPlatform, diagnostics, storageFacts: browserStorageFacts })
  } catch (error) {
    await store.close()
    throw error
  }
}
