import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findProgram, peerCache, PEERS_VARIABLE } from '../binaries.js'
import { PEER_PROGRAMS, sourceOf } from '../programs.js'
import { runInstallCommand } from './install-command.js'
import { isOlder } from './toolchain.js'
import { fakeTools } from './test/fake-tools.js'
import type { FakeTools } from './test/fake-tools.js'

let tools: FakeTools
let said: string[]
beforeEach(async () => {
  tools = await fakeTools()
  said = []
})
afterEach(() => tools.dispose())

function command(words: readonly string[], answer?: string): Promise<number> {
  const terminal = {
    say: (line: string) => void said.push(line),
    progress: () => undefined,
    ...(answer === undefined ? {} : { ask: (question: string) => Promise.resolve((said.push(question), answer)) }),
  }
  return runInstallCommand(words, { around: tools.around, terminal })
}

function place(folder: string, program: string, version: string): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, program), `#!/bin/sh\necho ${program} ${version}\n`, { mode: 0o755 })
  return join(folder, program)
}

test('the list says of each program where it is and in which version', async () => {
  const folder = peerCache(tools.around)
  const [right, wrong] = [place(folder, 'ipfs', '0.40.1'), place(folder, 'hc-dna', '0.6.2')]
  expect(await command(['--list'])).toBe(0)
  expect(said).toHaveLength(PEER_PROGRAMS.length)
  expect(said).toContain('holochain              missing  (0.7.1)')
  expect(said).toContain(`ipfs                   found    (0.40.1) ${right}`)
  expect(said).toContain(`hc-dna                 found    (0.6.2, not 0.7.1) ${wrong}`)
})

test('what will be done, for how long and with how much disk is said first; with no answer, or with no terminal, nothing is done', async () => {
  expect(await command(['hc-dna', 'hc-app'], '')).toBe(1)
  const { name, version } = sourceOf('hc-dna')
  // Both come of one package.
  expect(said.filter((line) => line.includes(`downloads ${name} ${version}`))).toHaveLength(1)
  expect(said.join('\n')).toMatch(/minutes on two cores\n.*MB of disk.*\n.*releases\nGo on\?/)
  expect(await command(['hc-dna'])).toBe(1)
  expect(said.at(-1)).toContain('--yes')
  expect(tools.calls()).toEqual([])
})

test('whoever agrees gets it; that this registry’s package is another one than the pinned is an error in one line', async () => {
  expect(await command(['hc-dna'], 'y')).toBe(1)
  expect(tools.calls()).toEqual(['cargo info holochain_cli_bundle@0.7.1'])
  expect(said.at(-1)).toMatch(
    /^holochain_cli_bundle 0\.7\.1 is not what it should be: its sum is \w{64} and not \w{64}\. Nothing was installed\./,
  )
  expect(findProgram('hc-dna', tools.around)).toBeUndefined()
  // Nobody is asked with --yes.
  const before = said.length
  expect(await command(['hc-app', '--yes'], 'n')).toBe(1)
  expect(said.slice(before)).not.toContain('Go on? [y/N] ')
})

test('what is there is not built again: in the cache only in its version, elsewhere in any', async () => {
  place(peerCache(tools.around), 'ipfs', '0.40.1')
  expect(await command(['ipfs', '--yes'])).toBe(0)
  place(peerCache(tools.around), 'ipfs', '0.39.0')
  expect(await command(['ipfs'])).toBe(1)
  expect(said.at(-1)).toContain('--yes')
  const named = join(tools.around.home, 'mine')
  place(named, 'ipfs', '0.39.0')
  const around = { ...tools.around, environment: { ...tools.around.environment, [PEERS_VARIABLE]: named } }
  expect(
    await runInstallCommand(['ipfs', '--yes'], { around, terminal: { say: (line) => said.push(line), progress: () => undefined } }),
  ).toBe(0)
  expect(said.at(-1)).toContain('(0.39.0, not 0.40.1)')
  expect(tools.calls()).toEqual([])
})

test('a toolchain that is missing is told before anybody is asked', async () => {
  tools.remove('rustc')
  expect(await command(['hc-dna'], 'y')).toBe(1)
  expect(said).not.toContain('Go on? [y/N] ')
  expect(said.at(-1)).toContain('Rust 1.88 or newer')
})

test('words that are none are refused with the usage', async () => {
  expect(await command(['geth'])).toBe(1)
  expect(said.at(-1)).toMatch(/called geth[\s\S]*npm run devnet:install/)
  expect(await command(['--force'])).toBe(1)
  expect(await command(['--help'])).toBe(0)
})

test('every program has a pinned sum in the form that its registry gives, and versions compare by number', () => {
  for (const source of PEER_PROGRAMS.map(sourceOf)) {
    if (source.kind === 'crate') expect(source.sha256).toMatch(/^[0-9a-f]{64}$/)
    else expect(Buffer.from(source.h1.replace(/^h1:/, ''), 'base64')).toHaveLength(32)
  }
  expect([isOlder('1.9.0', '1.91'), isOlder('1.91.0', '1.91'), isOlder('2.0.0', '1.91'), isOlder('1.91', '1.91.1')]).toEqual([
    true,
    false,
    false,
    true,
  ])
})
