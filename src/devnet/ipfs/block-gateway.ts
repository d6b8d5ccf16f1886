import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Helia } from 'helia'
import { CID } from 'multiformats/cid'
import { say } from '../loopback-server.js'
import { readBlock } from './dag-fetch.js'

const RAW = 'application/vnd.ipld.raw'
const READ_BOUND = 10_000

/**
 * Answers below `/ipfs/` as a trustless gateway does for blocks, which whoever asks checks by their CIDs:
 * https://specs.ipfs.tech/http-gateways/trustless-gateway/. Of what is here: it fetches nothing for anyone.
 */
export async function serveBlock(
  request: IncomingMessage,
  response: ServerResponse,
  { helia, url }: { helia: Helia; url: URL },
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'Blocks are asked for with GET or HEAD.')
  const [, , name = '', ...path] = url.pathname.split('/')
  const cid = tryParse(name)
  if (cid === undefined || path.length > 0) return say(response, 400, 'Name one block by its CID: /ipfs/{cid}?format=raw')
  if ((url.searchParams.get('format') ?? formatIn(request)) !== 'raw')
    return say(response, 406, 'This gateway gives raw blocks alone: ask for ?format=raw')
  // An identity CID holds its block itself, and a block by another hash than Helia knows can't be here.
  if (!(await helia.blockstore.has(cid))) return say(response, 404, 'This block is not here.')
  const bytes = await readBlock(cid, helia, { offline: true, signal: AbortSignal.timeout(READ_BOUND) })
  response.setHeader('content-type', RAW)
  response.setHeader('content-length', bytes.length)
  response.setHeader('content-disposition', `attachment; filename="${cid.toString()}.bin"`)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('cache-control', 'public, max-age=29030400, immutable')
  response.setHeader('etag', `"${cid.toString()}.raw"`)
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

function formatIn({ headers }: IncomingMessage): string | undefined {
  return headers.accept?.includes(RAW) === true ? 'raw' : undefined
}

function tryParse(text: string): CID | undefined {
  try {
    return CID.parse(text)
  } catch {
    return undefined
  }
}
