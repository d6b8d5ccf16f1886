import { Diagnostics } from '../diagnostics/diagnostics.js'
import { nodePlatform } from '../platform/node.js'
import { Runtime } from '../runtime.js'
import { MemoryBlockStore } from '../storage/memory/memory-block-store.js'
import { openLevelStore } from '../storage/level/level-store.js'

/** A device on LevelDB without networks, whose test says when events are merged. */
export async function openMergingDevice(location: string): Promise<Runtime> {
  const opened = await openLevelStore({ location })
  const diagnostics = new Diagnostics(() => nodePlatform.now())
  const storageFacts = (): Promise<{ mode: 'durable'; usage: undefined; quota: undefined }> =>
    Promise.resolve({ mode: 'durable', usage: undefined, quota: undefined })
  const openBlocks = (): Promise<MemoryBlockStore> => Promise.resolve(new MemoryBlockStore())
  return await Runtime.open({ ...opened, platform: nodePlatform, diagnostics, storageFacts, openBlocks, providers: [] })
}

/** Lets all own events of the log be merged. */
export async function mergeAll({ intake }: Runtime): Promise<void> {
  const positions: number[] = []
  for await (const { position, row } of intake.log.forwards(0)) if (row.origin === 'own') positions.push(position)
  await intake.supersede(positions)
}
