import type { Platform } from '../../platform/platform.js'

/** Resolves after that many milliseconds, or at once when the signal is aborted. */
export function waitFor(platform: Pick<Platform, 'after'>, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const end = (): void => {
      cancel()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const cancel = platform.after(milliseconds, end)
    signal?.addEventListener('abort', end)
  })
}
