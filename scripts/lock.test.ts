import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { missingEntries } from './complete-lock.mjs'
import type { Lock } from './complete-lock.mjs'

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock

test('the lock holds the native packages of every platform (if not: node scripts/complete-lock.mjs)', () => {
  expect(missingEntries(lock)).toEqual({})
})

test('a native package without an entry is noticed, with the platform that its name tells', () => {
  const packages = { 'node_modules/tool': { dev: true, optionalDependencies: { '@tool/binding-linux-arm64-musl': '1.0.0' } } }
  expect(missingEntries({ packages })).toEqual({
    'node_modules/@tool/binding-linux-arm64-musl': {
      version: '1.0.0',
      os: ['linux'],
      cpu: ['arm64'],
      libc: ['musl'],
      dev: true,
      optional: true,
    },
  })
  expect(missingEntries({ packages: { ...packages, 'node_modules/tool/node_modules/@tool/binding-linux-arm64-musl': {} } })).toEqual({})
})

test('the lock names no registry', () => {
  expect(JSON.stringify(lock)).not.toContain('"resolved":"http')
})
