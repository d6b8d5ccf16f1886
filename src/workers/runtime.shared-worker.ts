import './window-shim.js'
import { serveSharedWorker } from './shared-worker-scope.js'
import { startRuntime } from './start-runtime.js'

const DEFAULT_NAME = 'spicetime'

// The worker's name names its database.
serveSharedWorker((context) => startRuntime(String(Reflect.get(globalThis, 'name') || DEFAULT_NAME), context))
