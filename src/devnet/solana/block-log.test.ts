import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Keypair } from '@solana/web3.js'
import { afterAll, afterEach, expect, test } from 'vitest'
import { startSolanaDevnet } from './solana-devnet.js'
import type { SolanaDevnet } from './solana-devnet.js'
import { ask, at, blockhashOf, fundedKey, memoTransaction } from './test/rpc-client.js'

const root = mkdtempSync(join(tmpdir(), 'block-log-'))
const open: SolanaDevnet[] = []
afterEach(() => Promise.all(open.splice(0).map((devnet) => devnet.close())))
afterAll(() => rmSync(root, { recursive: true }))

async function start(directory: string): Promise<SolanaDevnet> {
  const devnet = await startSolanaDevnet({ manual: true, finalityDepth: 3, directory: join(root, directory) })
  open.push(devnet)
  return devnet
}

async function sendMemo(devnet: SolanaDevnet, payer: Keypair, memo: string): Promise<string> {
  const raw = memoTransaction({ payer, reference: payer.publicKey, blockhash: await blockhashOf(devnet.url), memos: [memo] })
  const { result } = await ask(devnet.url, 'sendTransaction', [raw, { encoding: 'base64', preflightCommitment: 'processed' }])
  await devnet.step()
  return String(result)
}

async function facts(devnet: SolanaDevnet, payer: Keypair): Promise<unknown> {
  const address = payer.publicKey.toBase58()
  const questions: readonly [string, readonly unknown[]][] = [
    ['getGenesisHash', []],
    ['getSlot', [{ commitment: 'processed' }]],
    ['getBlockHeight', [{ commitment: 'processed' }]],
    ['getLatestBlockhash', [{ commitment: 'finalized' }]],
    ['getBalance', [address, { commitment: 'processed' }]],
    ['getSignaturesForAddress', [address, { commitment: 'confirmed' }]],
  ]
  return Promise.all(questions.map(async ([method, params]) => (await ask(devnet.url, method, params)).result))
}

test('an orderly restart brings everything back as it was: slots, hashes, balances, history, and slots that were rolled back', async () => {
  const first = await start('orderly')
  const payer = await fundedKey(first.url, () => first.step())
  await sendMemo(first, payer, 'stays')
  await sendMemo(first, payer, 'is rolled back')
  first.rollBack(1, 'vanish')
  await sendMemo(first, payer, 'stays too')
  await first.step(50)
  const before = await facts(first, payer)
  await first.close()
  const second = await start('orderly')
  expect(await facts(second, payer)).toEqual(before)
  expect(JSON.stringify(before)).not.toContain('is rolled back')
  await second.close()
  const third = await start('orderly')
  expect(await facts(third, payer)).toEqual(before)
})

test('a killed process loses nothing that it told of, hands out no slot twice, and its newest blockhashes stay good', async () => {
  const first = await start('killed')
  const payer = await fundedKey(first.url, () => first.step())
  const signature = await sendMemo(first, payer, 'told of')
  await first.step(5)
  const blockhash = await blockhashOf(first.url)
  const { result: slot } = await ask(first.url, 'getSlot', [{ commitment: 'processed' }])
  // What a kill leaves: the file as it is, with its last line cut off.
  cpSync(join(root, 'killed'), join(root, 'left'), { recursive: true })
  appendFileSync(join(root, 'left', 'solana-blocks.jsonl'), '{"b":99,"t"')
  const second = await start('left')
  const status = at(await ask(second.url, 'getSignatureStatuses', [[signature]]), 'result', 'value', 0)
  expect(status).toMatchObject({ confirmationStatus: 'finalized', err: null })
  expect(Number((await ask(second.url, 'getSlot', [{ commitment: 'processed' }])).result)).toBeGreaterThan(Number(slot))
  const valid = await ask(second.url, 'isBlockhashValid', [blockhash, { commitment: 'processed' }])
  expect(at(valid, 'result', 'value')).toBe(true)
})

test('a damaged line, and a directory in which another process runs, are refused with what to do', async () => {
  await (await start('damaged')).close()
  const path = join(root, 'damaged', 'solana-blocks.jsonl')
  const [genesis = ''] = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, `${genesis}\n{"nonsense":1}\n`)
  await expect(start('damaged')).rejects.toMatchObject({
    code: 'DEVNET_FAILED',
    message: expect.stringMatching(/Line 2 of .*delete the file/),
  })
  await (await start('held')).close()
  writeFileSync(join(root, 'held', 'solana-process'), String(process.ppid))
  await expect(start('held')).rejects.toMatchObject({ code: 'DEVNET_FAILED', message: expect.stringContaining('already runs') })
  const { pid } = spawnSync(process.execPath, ['-e', '0'])
  writeFileSync(join(root, 'held', 'solana-process'), String(pid))
  expect((await start('held')).kind).toBe('embedded')
})
