/** A rule of docs/promises.md: `## P1 What is promised`. */
const RULE = /^## (P\d+) \S/gm
/** The name of a test: what stands first in `test(…)` or `it(…)`. Names that a function makes are not seen. */
const NAMED = /\b(?:test|it)(?:\.each\([^)]*\))?\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/g
/** A test cites rules where its name begins: `P1: …` or `P2, P3: …`. */
const CITED = /^(P\d+(?:, P\d+)*): /

/**
 * What is wrong between the promises and the tests: a promise that no test cites, or a cited one that is not made.
 * @param {string} promises the text of docs/promises.md
 * @param {Readonly<Record<string, string>>} tests the text of each test file
 * @returns {string[]} a sentence for each
 */
export function unkept(promises, tests) {
  const made = new Set([...promises.matchAll(RULE)].map(([, id = '']) => id))
  const citations = Object.entries(tests).flatMap(([file, text]) => citationsIn(text).map((citation) => ({ file, ...citation })))
  const cited = new Set(citations.map(({ id }) => id))
  const unknown = citations.filter(({ id }) => !made.has(id))
  return [
    ...(made.size === 0 ? ['docs/promises.md makes no promise: a promise is a heading like `## P1 What is promised`.'] : []),
    ...unknown.map(({ file, name, id }) => `${file}: '${name}' cites ${id}, which docs/promises.md does not make.`),
    ...[...made]
      .filter((id) => !cited.has(id))
      .map((id) => `No test cites ${id}: begin the name of one that tries to break it with '${id}: '.`),
  ]
}

/**
 * @param {string} text
 * @returns {{ name: string, id: string }[]}
 */
function citationsIn(text) {
  const names = [...text.matchAll(NAMED)].map(([, , name = '']) => name)
  return names.flatMap((name) => (CITED.exec(name)?.[1]?.split(', ') ?? []).map((id) => ({ name, id })))
}
