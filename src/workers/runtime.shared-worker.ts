import './window-shim.js'
import { serveSharedWorker } from './shared-worker-scope.js'
import { startRuntime } from './start-runtime.js'

serveSharedWorker(startRuntime)
