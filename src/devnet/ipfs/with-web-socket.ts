// Its file by name: tools that know tsconfig.worker.json would take the worker's stand-in for it.
import { WebSocket as NodeWebSocket } from 'undici/index.js'

/*
 * libp2p dials with the global WebSocket, which Node 20 does not have. `ws` gives messages away that come along with the answer to its handshake.
 */
if (typeof globalThis.WebSocket === 'undefined')
  Object.defineProperty(globalThis, 'WebSocket', { configurable: true, writable: true, value: NodeWebSocket })
