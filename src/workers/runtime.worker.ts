import './window-shim.js'
import { startRuntime } from './start-runtime.js'
import { serveWorker } from './worker-scope.js'

serveWorker(startRuntime)
