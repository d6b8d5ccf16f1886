import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findProgram, hasPrograms, peerCache, requireProgram } from './binaries.js'

const root = mkdtempSync(join(tmpdir(), 'binaries-'))
afterAll(() => rmSync(root, { recursive: true }))

function place(folder: string, program: string, mode = 0o755): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, program)
  writeFileSync(path, '#!/bin/sh\n')
  chmodSync(path, mode)
  return path
}

test('a program is taken from the named folder, else from the PATH, else from the cache', () => {
  const home = join(root, 'home')
  const [named, path] = [join(root, 'named'), join(root, 'path')]
  const around = { environment: { SPICETIME_PEERS: named, PATH: `${join(root, 'none')}:${path}` }, home }
  expect(findProgram('ipfs', around)).toBeUndefined()
  const cached = place(peerCache({ home }), 'ipfs')
  expect(findProgram('ipfs', around)).toBe(cached)
  const onPath = place(path, 'ipfs')
  expect(findProgram('ipfs', around)).toBe(onPath)
  // A file that can't be run is none.
  place(named, 'ipfs', 0o644)
  expect(findProgram('ipfs', around)).toBe(onPath)
  expect(findProgram('ipfs', { ...around, environment: { SPICETIME_PEERS: path } })).toBe(onPath)
})

test('what is missing is named, with where it was looked for and how to get it', () => {
  const around = { environment: { SPICETIME_PEERS: join(root, 'empty'), PATH: '' }, home: root }
  expect(() => requireProgram('holochain', around)).toThrowError(
    expect.objectContaining({
      code: 'PROGRAM_MISSING',
      message: expect.stringMatching(/holochain.*empty.*npm run devnet:install holochain/),
    }),
  )
})

test('without the programs tests are skipped, and fail where someone named a folder for them', () => {
  const home = join(root, 'bare')
  expect(hasPrograms(['holochain', 'ipfs'], { environment: { PATH: '' }, home })).toBe(false)
  expect(() => hasPrograms(['holochain'], { environment: { PATH: '', SPICETIME_PEERS: home }, home })).toThrowError(
    /holochain was not found/,
  )
  place(home, 'holochain')
  expect(hasPrograms(['holochain'], { environment: { PATH: '', SPICETIME_PEERS: home }, home })).toBe(true)
})
