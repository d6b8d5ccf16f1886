import { expect, it } from 'vitest'
import { parseDevnet } from './devnet-networks.js'

it('reads where the networks of this machine are', () => {
  const text = JSON.stringify({ solana: { url: 'http://127.0.0.1:8899', websocketUrl: 'ws://127.0.0.1:8900', faucet: true } })
  expect(parseDevnet(text)).toEqual({
    solana: { cluster: 'http://127.0.0.1:8899', websocket: 'ws://127.0.0.1:8900', faucet: true },
    ipfs: {},
  })
  expect(parseDevnet('{"solana":{"url":"http://127.0.0.1:8899"}}')).toEqual({ solana: { cluster: 'http://127.0.0.1:8899' }, ipfs: {} })
})

it('reads where the conductors are, beside a chain or alone', () => {
  const holochain = { endpoint: 'http://127.0.0.1:5000/', token: 'secret' }
  expect(parseDevnet(JSON.stringify({ holochain }))).toEqual({ holochain: { ...holochain, confirmedBy: 1, finalBy: 1 }, ipfs: {} })
  expect(parseDevnet(JSON.stringify({ solana: { url: 'http://127.0.0.1:8899' }, holochain: { endpoint: 7 } }))).toEqual({
    solana: { cluster: 'http://127.0.0.1:8899' },
    ipfs: {},
  })
})

it('reads where the Kubo is', () => {
  const ipfs = { peer: '/ip4/127.0.0.1/tcp/1/ws/p2p/12D3', gateway: 'http://127.0.0.1:2', rpc: 'http://127.0.0.1:3' }
  expect(parseDevnet(JSON.stringify({ ipfs }))?.ipfs).toEqual({
    peers: [ipfs.peer],
    gateways: [ipfs.gateway],
    pins: [{ kind: 'kubo', url: ipfs.rpc, name: 'Kubo on this machine' }],
  })
  expect(parseDevnet(JSON.stringify({ ipfs: { peer: ipfs.peer } }))).toBeUndefined()
})

it.each(['', '<!doctype html>', 'null', '[]', '{}', '{"solana":7}', '{"solana":{"url":7}}'])('takes %j for no devnet', (text) => {
  expect(parseDevnet(text)).toBeUndefined()
})
