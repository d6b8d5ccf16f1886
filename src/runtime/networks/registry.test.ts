import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isNetwork, NETWORKS } from '../model/network.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { loadProviderMakers, PROVIDERS } from './registry.js'
import type { LocalLog, ProviderParts } from './registry.js'
import { SERVED_REQUIREMENTS } from './served-requirements.js'

const here = new URL('.', import.meta.url)
const folders = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

const unused = (): never => expect.fail('must not be called')
const localLog: LocalLog = { positionOf: unused, append: unused, since: unused, stateOf: unused }
const none = (): (() => void) => () => undefined
const parts: ProviderParts = {
  localLog,
  rows: { get: unused, list: unused, write: unused },
  keys: { needsExtractable: true, get: unused, put: unused },
  spaces: { list: () => [], onChange: none },
  pages: unused,
  blocks: unused,
  lists: unused,
}
const read = (path: string): string => (existsSync(new URL(path, here)) ? readFileSync(new URL(path, here), 'utf8') : '')

describe.each(folders)('the network folder %s', (name) => {
  it('has a provider and an error map', () => {
    expect(existsSync(new URL(`${name}/${name}-provider.ts`, here)), `${name}/${name}-provider.ts`).toBe(true)
    expect(existsSync(new URL(`${name}/${name}-errors.ts`, here)), `${name}/${name}-errors.ts`).toBe(true)
  })

  it('runs the conformance suite', () => {
    // Where nothing but the real peer can stand for the network, with that one alone.
    const suites = ['test', 'peer.test'].map((kind) => read(`${name}/${name}-provider.${kind}.ts`))
    expect(suites.join('')).toContain('runProviderConformance(')
  })

  it('has a README with its limits, its costs and what each level means', () => {
    const readme = read(`${name}/README.md`)
    expect(readme).toMatch(/limits/i)
    expect(readme).toMatch(/cost/i)
    expect(readme).toMatch(/what a level means/i)
  })

  it('has its line in the registry and in the model', () => {
    expect(read('registry.ts')).toContain(`./${name}/${name}-provider.js`)
    expect(isNetwork(name)).toBe(true)
  })
})

describe('the registry', () => {
  it('makes one provider for each network, which serves what the table says', async () => {
    const providers = (await loadProviderMakers()).map(({ make }) => make(parts))
    expect(providers.map((provider) => provider.network)).toEqual([...NETWORKS])
    expect(Object.keys(PROVIDERS)).toEqual([...NETWORKS])
    for (const provider of providers) expect(provider.capabilities.requirements).toEqual(SERVED_REQUIREMENTS[provider.network])
  })

  it('stands in for networks that are not there: says what is missing, refuses, and brings nothing', async () => {
    const platform = new ManualPlatform()
    for (const provider of (await loadProviderMakers()).map(({ make }) => make(parts))) {
      if (provider.network === 'local') continue
      await provider.start({ platform })
      expect(provider.status()).toMatchObject({ state: 'not-connected', since: platform.now() })
      expect(provider.status().reason).toMatch(/queue durably/)
      await expect(provider.submitEvent({ id: 'x' as never, space: 's', bytes: new Uint8Array(), needs: [] })).rejects.toMatchObject({
        code: 'NETWORK_NOT_CONNECTED',
      })
      for await (const update of provider.syncUpdates('' as never)) expect.fail(`it brought ${update.cursor}`)
      await provider.stop()
    }
  })
})
