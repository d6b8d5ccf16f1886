// Each promise of docs/promises.md is cited by the name of a test, and each that is cited is made there.
import { readdirSync, readFileSync } from 'node:fs'
import { unkept } from './promises.mjs'

const files = ['src', 'e2e'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
)
/** @type {Record<string, string>} */
const tests = {}
for (const file of files.filter((name) => /\.(test|spec)\.tsx?$/.test(name))) tests[file] = readFileSync(file, 'utf8')
const problems = unkept(readFileSync('docs/promises.md', 'utf8'), tests)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
