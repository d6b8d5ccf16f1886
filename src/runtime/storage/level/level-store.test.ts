import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import { runStoreConformance } from '../../testing/store-conformance.js'
import type { DamagedRecord, Store } from '../store.js'
import { openLevelStore } from './level-store.js'

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'level-store-'))

runStoreConformance('level', async () => {
  const location = await folder()
  const batch = vi.spyOn(ClassicLevel.prototype, 'batch')
  return {
    open: () => openLevelStore({ location }),
    failNextCommit: () => {
      const failure = new Error('IO error: No space left on device')
      batch.mockImplementationOnce(() => new Promise((_, reject) => setTimeout(() => reject(failure))) as never)
    },
    commits: () => batch.mock.calls.length,
    dispose: async () => {
      batch.mockRestore()
      await rm(location, { recursive: true })
    },
  }
})

describe('level store', () => {
  let location = ''
  let store: Store | undefined
  const open = async (onDamaged: (record: DamagedRecord) => void = () => undefined): Promise<Store> => {
    store = (await openLevelStore({ location, onDamaged })).store
    return store
  }
  beforeEach(async () => {
    location = await folder()
  })
  afterEach(async () => {
    await store?.close()
    await rm(location, { recursive: true })
  })

  it('lets nobody else into its folder', async () => {
    await open()
    expect((await stat(location)).mode & 0o777).toBe(0o700)
  })

  it('does not open a folder that another process has open', async () => {
    await open()
    expect(await codeOf(openLevelStore({ location }))).toBe('STORAGE_BLOCKED')
  })

  it('refuses a key that could not be read back', async () => {
    const opened = await openLevelStore({ location })
    store = opened.store
    const secret = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt'])
    expect(await codeOf(opened.keys.put('secret', secret))).toBe('INPUT_MALFORMED')
  })

  it('hides its keys from ranges', async () => {
    const opened = await openLevelStore({ location })
    store = opened.store
    await opened.keys.put('secret', await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt']))
    const found: string[] = []
    for await (const page of store.range({ from: '', to: '\u007f' })) found.push(...page.map(([key]) => key))
    expect(found).toEqual([])
  })

  it('loses only a flipped record, and tells', async () => {
    await (await open()).write(['a', 'b', 'c'].map((key) => [key, new Uint8Array([1, 2, 3])]))
    await store?.close()
    const level = new ClassicLevel<string, Uint8Array>(location, { valueEncoding: 'view' })
    const row = await level.get('b')
    await level.put(
      'b',
      Uint8Array.from(row ?? [], (byte, at) => (at === 5 ? byte ^ 8 : byte)),
    )
    await level.close()
    const told: DamagedRecord[] = []
    const opened = await open((record) => told.push(record))
    const found: string[] = []
    for await (const page of opened.range({ from: 'a', to: 'd' })) found.push(...page.map(([key]) => key))
    expect(found).toEqual(['a', 'c'])
    expect(await opened.get('b')).toBeUndefined()
    expect(told.map((record) => record.key)).toEqual(['b'])
    expect(opened.damaged()).toEqual(told)
  })

  it('opens after its manifest was spoiled, and tells', async () => {
    await (await open()).write([['a', new Uint8Array([1])]])
    await store?.close()
    const manifest = (await readdir(location)).find((name) => name.startsWith('MANIFEST')) ?? ''
    const bytes = await readFile(join(location, manifest))
    await writeFile(
      join(location, manifest),
      bytes.map((byte) => byte ^ 255),
    )
    const told: DamagedRecord[] = []
    const opened = await open((record) => told.push(record))
    expect(await opened.get('a')).toEqual(new Uint8Array([1]))
    expect(told.length).toBe(1)
  })
})

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return isSpiceTimeError(error) ? error.code : String(error)
  }
}
