import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import type { ProgramSource } from '../programs.js'

/** What to throw when the registry gave something else than what this version of the runtime was tried with. */
export function sumDiffers({ name, version }: ProgramSource, sums: { readonly pinned: string; readonly got: string }): SpiceTimeError {
  const message =
    `${name} ${version} is not what it should be: its sum is ${sums.got} and not ${sums.pinned}. Nothing was installed. ` +
    'Look at which registry is configured, and delete its copy from the cache of cargo or go; if it comes again, don’t use it, and tell that registry.'
  return new SpiceTimeError('CONTENT_DAMAGED', message, { name, version, ...sums })
}
