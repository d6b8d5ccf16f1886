// `npm start`: builds the app into dist/app and serves it on this machine alone.
import { build, preview } from 'vite'

const FIRST_PORT = 4173

await build({ logLevel: 'warn' })
// Takes the next free port where the first is taken.
const server = await preview({ logLevel: 'warn', preview: { port: FIRST_PORT, strictPort: false } })
const [url] = server.resolvedUrls?.local ?? []
if (url === undefined) throw new Error('The app was built, but no port from 4173 on could be opened to serve it.')
console.log(`SpiceTime is ready: open ${url} (Ctrl+C ends it)`)
