import { MOST_BLOCK_BYTES } from './block-sources.js'
import type { BlockSource } from './block-sources.js'
import { ipfsError } from './ipfs-errors.js'

/**
 * One trustless gateway, asked block by block: https://specs.ipfs.tech/http-gateways/trustless-gateway/
 * @param url without a slash at its end
 */
export function gatewaySource(url: string, fetchIt: typeof fetch): BlockSource {
  const name = `the gateway ${new URL(url).host}`
  return {
    name,
    async fetch(cid, { signal }) {
      const response = await ask(fetchIt, `${url}/ipfs/${cid.toString()}?format=raw`, signal)
      if (response.ok) return await limitedBody(response)
      await response.body?.cancel()
      throw refusal(response.status)
    },
  }
}

async function ask(fetchIt: typeof fetch, url: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetchIt(url, {
      headers: { accept: 'application/vnd.ipld.raw' },
      signal,
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      // Nobody is asked but who the settings name.
      redirect: 'manual',
    })
  } catch (error) {
    throw ipfsError('NETWORK_UNAVAILABLE', `can't be reached (${error instanceof Error ? error.message : String(error)})`)
  }
}

function refusal(status: number): Error {
  // Browsers say 0 of a redirection that they were told not to follow.
  if (status < 400) return ipfsError('NETWORK_REFUSED', 'sends elsewhere')
  if (status === 404 || status === 410) return ipfsError('CONTENT_NOT_FOUND', 'has not got it')
  if (status === 429) return ipfsError('NETWORK_RATE_LIMITED', 'asks for fewer requests (429)')
  if (status === 401 || status === 403) return ipfsError('NETWORK_UNAUTHORIZED', `refused (${status})`)
  return ipfsError(status < 500 ? 'NETWORK_REFUSED' : 'NETWORK_UNAVAILABLE', `answered ${status}`)
}

/** The body. Who sends more than a block may have is listened to no longer: it is too much already. */
async function limitedBody(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  const reader = response.body?.getReader()
  try {
    while (reader !== undefined && bytes <= MOST_BLOCK_BYTES) {
      const { done, value } = await reader.read()
      if (done) break
      bytes += value.length
      parts.push(value)
    }
  } catch (error) {
    throw ipfsError('NETWORK_UNAVAILABLE', `ended in the middle (${error instanceof Error ? error.message : String(error)})`)
  } finally {
    await reader?.cancel().catch(() => undefined)
  }
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
