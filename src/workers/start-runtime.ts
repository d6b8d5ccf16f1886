import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import type { StartRuntime } from './runtime-service.js'

/** Starts the runtime of this worker. */
export const startRuntime: StartRuntime = () =>
  Promise.reject(new SpiceTimeError('WORKER_FAILED', 'This build has no runtime in its worker. Build it again.'))
