/** The subpaths that the package exports, and the source of each. */
export const ENTRIES = {
  index: 'src/runtime/index.ts',
  worker: 'src/workers/runtime.shared-worker.ts',
  node: 'src/runtime/node.ts',
  devtools: 'src/devtools/mount.ts',
  testing: 'src/runtime/testing/testing.ts',
}

/**
 * `spicetime` and its subpaths as this repository's own source, for vite and vitest.
 * @returns {{ find: RegExp, replacement: string }[]}
 */
export function sourceAliases() {
  return Object.entries(ENTRIES).map(([name, source]) => ({
    find: new RegExp(`^spicetime${name === 'index' ? '' : `/${name}`}$`),
    replacement: new URL(`../${source}`, import.meta.url).pathname,
  }))
}
