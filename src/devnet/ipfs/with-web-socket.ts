import { WebSocket as NodeWebSocket } from 'undici'

/*
 * libp2p dials with the global WebSocket, which Node 20 does not have. `ws` gives messages away that come along with the answer to its handshake.
 */
if (typeof globalThis.WebSocket === 'undefined')
  Object.defineProperty(globalThis, 'WebSocket', { configurable: true, writable: true, value: NodeWebSocket })
