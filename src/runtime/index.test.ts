import { expect, test } from 'vitest'
import * as spicetime from './index.js'

test('the package exports these names and no others', () => {
  expect(Object.keys(spicetime).toSorted()).toMatchInlineSnapshot(`
    [
      "SpiceTimeError",
      "connect",
      "encodeSegment",
      "hasHolochainLauncher",
      "isSpiceTimeError",
      "offerHolochainConductor",
      "offerSolanaWallet",
    ]
  `)
})
