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

it.each([
  [{ kind: 'kubo', url: 'http://127.0.0.1:3' }, 'Kubo on this machine'],
  [{ kind: 'service', url: 'http://127.0.0.1:3', token: 'secret' }, 'IPFS peer on this machine'],
])('reads where the IPFS peer is, and how it pins: %j', (pins, name) => {
  const ipfs = { peer: '/ip4/127.0.0.1/tcp/1/ws/p2p/12D3', gateway: 'http://127.0.0.1:2', pins }
  expect(parseDevnet(JSON.stringify({ ipfs }))?.ipfs).toEqual({
    peers: [ipfs.peer],
    gateways: [ipfs.gateway],
    pins: [{ ...pins, name }],
  })
})

it.each([
  { peer: 'p' },
  { peer: 'p', gateway: 'g' },
  { peer: 'p', gateway: 'g', pins: { kind: 'service', url: 'u' } },
  { peer: 'p', gateway: 'g', pins: { kind: 'other', url: 'u', token: 't' } },
])('takes an IPFS peer that is not wholly named for none: %j', (ipfs) => {
  expect(parseDevnet(JSON.stringify({ ipfs }))).toBeUndefined()
})

it.each(['', '<!doctype html>', 'null', '[]', '{}', '{"solana":7}', '{"solana":{"url":7}}'])('takes %j for no devnet', (text) => {
  expect(parseDevnet(text)).toBeUndefined()
})
