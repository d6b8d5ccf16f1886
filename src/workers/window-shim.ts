// Libraries for networks read `window` though a SharedWorker has none; without it their subscriptions and replies are lost without a word.
// Must be the first import of every worker's entry.
const scope: { window?: unknown } = globalThis
scope.window ??= globalThis

export {}
