import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import { parseSettings } from './settings.js'

describe('settings of Solana', () => {
  test('a cluster is known by its name, and funds are asked for only where they are play money', () => {
    expect(parseSettings({ cluster: 'devnet' })).toEqual({
      cluster: 'devnet',
      endpoints: ['https://api.devnet.solana.com'],
      websocket: 'wss://api.devnet.solana.com/',
      faucet: true,
      payer: 'burner',
      maxPriorityFee: 10_000,
    })
    expect(parseSettings({ cluster: 'mainnet' }).faucet).toBe(false)
    expect(parseSettings({ cluster: 'http://127.0.0.1:8899' }).faucet).toBe(true)
    expect(parseSettings({ cluster: 'devnet', payer: 'wallet' }).faucet).toBe(false)
    expect(parseSettings({ cluster: 'https://rpc.example.com' }).faucet).toBe(false)
  })

  test('several endpoints keep their order, once each; subscriptions are on the next port where one is named', () => {
    const parsed = parseSettings({ cluster: ['http://127.0.0.1:8899', 'http://localhost:1000', 'http://127.0.0.1:8899/'] })
    expect(parsed.endpoints).toEqual(['http://127.0.0.1:8899/', 'http://localhost:1000/'])
    expect(parsed.cluster).toBe('127.0.0.1:8899')
    expect(parsed.websocket).toBe('ws://127.0.0.1:8900/')
    expect(parseSettings({ cluster: 'devnet', websocket: 'wss://example.com/x' }).websocket).toBe('wss://example.com/x')
  })

  test.each([
    [undefined, 'map'],
    [{}, 'cluster'],
    [{ cluster: [] }, 'cluster'],
    [{ cluster: 'moonnet' }, 'cluster'],
    [{ cluster: 'ftp://example.com' }, 'cluster'],
    [{ cluster: 'devnet', websocket: 'https://example.com' }, 'websocket'],
    [{ cluster: 'devnet', faucet: 1 }, 'faucet'],
    [{ cluster: 'devnet', payer: 'me' }, 'payer'],
    [{ cluster: 'devnet', maxPriorityFee: -1 }, 'maxPriorityFee'],
    [{ cluster: 'devnet', speed: 'fast' }, 'speed'],
  ])('%j is refused by name', (settings, named) => {
    expect(() => parseSettings(settings)).toThrow(expect.objectContaining({ code: 'SETTINGS_MALFORMED' }))
    expect(() => parseSettings(settings)).toThrow(named)
  })

  test('a key inside a URL is never repeated', () => {
    expect(() => parseSettings({ cluster: 'ftp://example.com/?key=secret' })).toThrow(/^(?!.*secret).*$/)
  })

  test('anything is parsed or refused with a code', () => {
    fc.assert(
      fc.property(fc.anything(), (settings) => {
        let endpoints
        try {
          endpoints = parseSettings(settings).endpoints
        } catch (error) {
          expect(isSpiceTimeError(error, 'SETTINGS_MALFORMED')).toBe(true)
          return
        }
        expect(endpoints.length).toBeGreaterThan(0)
      }),
    )
  })
})
