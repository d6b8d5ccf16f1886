import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect } from 'vitest'

/** A process that writes a line for each thing that it acknowledges, until it is killed. */
export interface KilledProcess {
  /** What it keeps, over all of its lives. */
  readonly directory: () => string
  /** Runs it with the words after the directory, kills it at once after `count` lines, and gives all that it had written when it died. */
  runUntilKilled(count: number, ...words: readonly string[]): Promise<readonly string[]>
}

/**
 * Bundles a module of `src/runtime` before the file's tests, as plain Node runs no TypeScript.
 * @param module of `src/runtime`, which the script gets the bundled form of
 * @param script beside this file: its arguments are the bundle, the directory, and words of the test's
 */
export function killedProcess(module: string, script: string): KilledProcess {
  const name = script.replace(/\.mjs$/, '')
  // Beside the packages, which the bundle imports.
  const bundle = fileURLToPath(new URL(`../../../node_modules/.cache/${name}-${process.pid}`, import.meta.url))
  let directory: string | undefined
  const kept = (): string => directory ?? expect.fail('the directory is not there')

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), `spicetime-${name}-`))
    const build = await rolldown({
      input: { module: fileURLToPath(new URL(`../${module}`, import.meta.url)) },
      platform: 'node',
      external: (id) => /^[^./]/.test(id),
    })
    await build.write({ dir: bundle, format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' })
    await build.close()
  })
  afterAll(async () => {
    await rm(kept(), { recursive: true, force: true })
    await rm(bundle, { recursive: true, force: true })
  })

  return {
    directory: kept,
    async runUntilKilled(count, ...words) {
      const file = fileURLToPath(new URL(script, import.meta.url))
      const child = spawn(process.execPath, [file, join(bundle, 'module.mjs'), kept(), ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
      const exited = once(child, 'exit')
      const lines: string[] = []
      for await (const line of createInterface({ input: child.stdout })) if (lines.push(line) === count) child.kill('SIGKILL')
      expect(await exited).toEqual([null, 'SIGKILL'])
      return lines
    },
  }
}
