import { expect, it } from 'vitest'
import { parseDevnet } from './devnet-networks.js'

it('reads where the networks of this machine are', () => {
  const text = JSON.stringify({ solana: { url: 'http://127.0.0.1:8899', websocketUrl: 'ws://127.0.0.1:8900', faucet: true } })
  expect(parseDevnet(text)).toEqual({ solana: { cluster: 'http://127.0.0.1:8899', websocket: 'ws://127.0.0.1:8900', faucet: true } })
  expect(parseDevnet('{"solana":{"url":"http://127.0.0.1:8899"}}')).toEqual({ solana: { cluster: 'http://127.0.0.1:8899' } })
})

it('reads where the conductors are, beside a chain or alone', () => {
  const holochain = { endpoint: 'http://127.0.0.1:5000/', token: 'secret' }
  expect(parseDevnet(JSON.stringify({ holochain }))).toEqual({ holochain: { ...holochain, confirmedBy: 1, finalBy: 1 } })
  expect(parseDevnet(JSON.stringify({ solana: { url: 'http://127.0.0.1:8899' }, holochain: { endpoint: 7 } }))).toEqual({
    solana: { cluster: 'http://127.0.0.1:8899' },
  })
})

it.each(['', '<!doctype html>', 'null', '[]', '{}', '{"solana":7}', '{"solana":{"url":7}}'])('takes %j for no devnet', (text) => {
  expect(parseDevnet(text)).toBeUndefined()
})
