// `npm start`: builds the app into dist/app and serves it on this machine alone, beside networks that run here too.
import { build, preview } from 'vite'
import { serveWithDevnet } from './serve-devnet.mjs'

const FIRST_PORT = 4173

await build({ logLevel: 'warn' })
// Takes the next free port where the first is taken.
await serveWithDevnet((plugin) => preview({ logLevel: 'warn', preview: { port: FIRST_PORT, strictPort: false }, plugins: [plugin] }))
