// Libraries for networks read `window` though a SharedWorker has none; without it their subscriptions and replies are lost without a word.
// Must be the first import of every worker's entry.
if (!('window' in globalThis)) Object.defineProperty(globalThis, 'window', { value: globalThis, configurable: true, writable: true })

export {}
