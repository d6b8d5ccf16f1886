import { afterEach, beforeEach, describe } from 'vitest'
import { describeFailures, describeKeys, describeLife } from './store-conformance-life.js'
import { describeReads } from './store-conformance-reads.js'
import { describeGroupCommit, describeWrites } from './store-conformance-writes.js'
import { StoreUnderTest } from './store-under-test.js'
import type { StoreHarness } from './store-under-test.js'

/** Everything that `Store` promises, as named behaviours; every plug runs it. */
export function runStoreConformance(name: string, setup: () => Promise<StoreHarness>): void {
  describe(`store conformance: ${name}`, () => {
    const test = new StoreUnderTest(setup)
    beforeEach(() => test.begin())
    afterEach(() => test.end())
    describeReads(test)
    describeWrites(test)
    describeGroupCommit(test)
    describeFailures(test)
    describeLife(test)
    describeKeys(test)
  })
}
