import { expect, test } from 'vitest'
import { unkept } from './promises.mjs'

const PROMISES = '# Promises\n## P1 One\n## P2 Two\n'

test('a promise that no test cites, and a citation of none, are noticed', () => {
  expect(unkept(PROMISES, { 'a.test.ts': "test('P1, P3: both', () => {})\ntest('says nothing of P2', () => {})" })).toEqual([
    "a.test.ts: 'P1, P3: both' cites P3, which docs/promises.md does not make.",
    "No test cites P2: begin the name of one that tries to break it with 'P2: '.",
  ])
})

test('names over lines, in templates and in `it` count', () => {
  expect(unkept(PROMISES, { 'a.test.ts': 'test(\n  `P1: ${how}`,\n)', 'b.spec.ts': 'it("P2: it’s \\"so\\"", run)' })).toEqual([])
})

test('a page without promises is noticed', () => {
  expect(unkept('# Promises', {})).toHaveLength(1)
})
