import { Diagnostics } from '../diagnostics/diagnostics.js'
import { nodePlatform } from '../platform/node.js'
import { Runtime } from '../runtime.js'
import { openLevelStore } from '../storage/level/level-store.js'

/** A device on LevelDB without networks, whose test says when events are merged. */
export async function openMergingDevice(location: string): Promise<Runtime> {
  const opened = await openLevelStore({ location })
  const diagnostics = new Diagnostics(() => nodePlatform.now())
  const storageFacts = (): Promise<{ mode: 'durable'; usage: undefined; quota: undefined }> =>
    Promise.resolve({ mode: 'durable', usage: undefined, quota: undefined })
  return await Runtime.open({ ...opened, platform: nodePlatform, diagnostics, storageFacts, providers: [] })
}

/** Lets all own events of the log be merged. */
export async function mergeAll({ intake }: Runtime): Promise<void> {
  const positions: number[] = []
  for await (const { position, row } of intake.log.forwards(0)) if (row.origin === 'own') positions.push(position)
  await intake.supersede(positions)
}
