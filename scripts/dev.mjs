// `npm run dev`: serves the app from source on this machine alone, beside the networks that `npm start` runs.
import { createServer } from 'vite'
import { serveWithDevnet } from './serve-devnet.mjs'

await serveWithDevnet(async (plugin) => {
  const server = await createServer({ logLevel: 'warn', plugins: [plugin] })
  return await server.listen()
})
