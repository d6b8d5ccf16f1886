/** The public entry `spicetime/testing`: what a third party needs to prove a network or a storage of its own. */
export { EventFactory } from './event-factory.js'
export type { FactoryEvent, FactoryWishes } from './event-factory.js'
export { ManualPlatform } from './manual-platform.js'
export type { ManualPlatformOptions } from './manual-platform.js'
export { runProviderConformance } from './provider-conformance.js'
export type { ProviderHarness } from './provider-conformance.js'
export { runStoreConformance } from './store-conformance.js'
export type { StoreHarness } from './store-under-test.js'
