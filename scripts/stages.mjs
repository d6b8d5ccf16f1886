const MINUTE = 60_000

/**
 * One step of `npm test`. A `static` one counts as one test; the others are counted from the report that they write.
 * @typedef {{ name: string, says: string, check: boolean, kind: 'static' | 'vitest' | 'playwright', command: string[], bound: number }} Stage
 */

/** @type {Stage[]} */
export const STAGES = [
  fixed('format', 'every file is formatted', 'npm run -s format:check'),
  fixed('lint', 'oxlint, with types', 'npm run -s lint'),
  fixed('types', 'each environment compiles with its own globals', 'npm run -s types'),
  fixed('boundaries', 'imports only go down, through doors', 'npm run -s boundaries'),
  fixed('unused', 'no dead file, export or dependency', 'npm run -s unused'),
  fixed('promises', 'each promise has a test that cites it', 'node scripts/check-promises.mjs'),
  { ...fixed('unit', 'tests in Node', 'npx vitest run --project node'), kind: 'vitest', bound: 20 * MINUTE },
  fixed('app', 'the installable app builds', 'npm run -s build:app'),
  fixed('library', 'the package builds', 'npm run -s build:lib'),
  fixed('size', 'what a page loads is within budget', 'npm run -s size'),
  fixed('package', 'the package resolves for its consumers', 'npm run -s package'),
  // One file at a time: a validator takes a core for itself, and conductors find each other late on a machine that is busy with others.
  {
    ...fixed('peers', 'the networks’ own programs', 'npx vitest run --project peers --no-file-parallelism'),
    kind: 'vitest',
    check: false,
    bound: 20 * MINUTE,
  },
  { ...fixed('browser', 'tests in Chromium', 'npx vitest run --project browser'), kind: 'vitest', check: false, bound: 15 * MINUTE },
  { ...fixed('e2e', 'the built app, as a person meets it', 'npx playwright test'), kind: 'playwright', check: false, bound: 30 * MINUTE },
]

/**
 * @param {string} name
 * @param {string} says
 * @param {string} command
 * @returns {Stage}
 */
function fixed(name, says, command) {
  return { name, says, check: true, kind: 'static', command: command.split(' '), bound: 5 * MINUTE }
}
