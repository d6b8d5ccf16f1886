import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'spicetime/node'
import { startHolochainDevnet } from '../../src/devnet/holochain/holochain-devnet.js'

/** What a text that was typed key by key costs. */
export interface Typing {
  /** Signed bytes of an event for each key. */
  readonly unmerged: number
  /** Of what was published. */
  readonly merged: number
  readonly events: number
  /** From the moment that the network was there until another node held all. */
  readonly milliseconds: number
}

/** Types into one note while no network is there, then sends it through a real conductor to a second device. */
export async function typing(directory: string, keys: number): Promise<Typing> {
  mkdirSync(join(directory, 'devnet'), { recursive: true })
  const devnet = await startHolochainDevnet({ directory: join(directory, 'devnet') })
  const { endpoint, token } = devnet
  const holochain = { endpoint, token, confirmedBy: 1, finalBy: 1 }
  const writer = await connect({ directory: join(directory, 'writer') })
  const reader = await connect({ directory: join(directory, 'reader'), networks: { holochain } })
  try {
    const { id: space } = await writer.createSpace({ name: 'Notes' })
    await reader.joinSpace(await writer.invite(space))
    const under = `${space}/notes/1`
    let last = ''
    for (let at = 0; at < keys; at++) {
      const insert = { insert: String.fromCharCode(97 + (at % 26)) }
      last = await writer.submitEvent({ path: `${under}/text`, op: 'text', delta: at === 0 ? [insert] : [{ retain: at }, insert] })
    }
    const bytes = async (): Promise<number> => (await writer.events({ under, limit: 1_000 })).reduce((sum, event) => sum + event.bytes, 0)
    const unmerged = await bytes()
    const began = performance.now()
    await writer.configureNetworks({ holochain })
    await writer.reached(last, 'shared')
    const milliseconds = performance.now() - began
    return { unmerged, merged: await bytes(), events: (await reader.events({ under, limit: 1_000 })).length, milliseconds }
  } finally {
    await writer.close()
    await reader.close()
    await devnet.close()
  }
}
