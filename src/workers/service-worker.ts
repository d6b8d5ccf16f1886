import { browserPlatform } from '../runtime/platform/browser.js'
import { headersOf, servedRange, wantsToRun } from './file-serving.js'
import type { FileAsk, FileMore, FileReply } from './file-serving.js'

/**
 * Serves files of the runtime at `spicetime/file/<path>` below its scope, so that images, videos and downloads just work, offline too. For a service worker:
 * `importScripts('spicetime-service-worker.js')` in one that is made by a tool, or an import of `spicetime/service-worker`.
 */

/** What this needs of a service worker: its own types are in no library that pages and workers share. */
interface ServiceWorker {
  readonly registration: { readonly scope: string }
  readonly clients: {
    get(id: string): Promise<Window | undefined>
    matchAll(options: { readonly type: 'window'; readonly includeUncontrolled: boolean }): Promise<readonly Window[]>
  }
  addEventListener(type: 'fetch', listener: (event: Fetch) => void): void
}
interface Window {
  readonly id: string
  postMessage(message: FileAsk, transfer: readonly MessagePort[]): void
}
interface Fetch extends Event {
  readonly request: Request
  readonly clientId: string
  respondWith(response: Promise<Response>): void
}

/** Milliseconds in which a page says that it has the runtime: a frozen one is passed over. */
const TAKEN_BOUND = 2_000

declare const self: unknown
const worker = self as ServiceWorker
const base = new URL('spicetime/file/', worker.registration.scope)

worker.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return
  // Whatever else this service worker does is not asked.
  event.stopImmediatePropagation()
  event.respondWith(serve(event, url.pathname.slice(base.pathname.length)))
})

async function serve({ request, clientId }: Fetch, path: string): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'Files are read here, and nothing else.')
  if (wantsToRun(request.destination))
    return refusal(403, 'Content of a space is nobody’s code: it is not served as a script, a style or a worker.')
  const range = request.headers.get('Range') ?? undefined
  const asked = await ask({ spicetime: 'file', path, ...(range === undefined ? {} : { range }) }, await pagesFor(clientId))
  if (asked === undefined) return refusal(503, 'No open page of this app has the runtime. Open the app in a tab, then try again.')
  const { reply, port } = asked
  if ('failed' in reply) return refusal(reply.code === 'FILE_UNKNOWN' || reply.code === 'PATH_MALFORMED' ? 404 : 502, reply.failed)
  return answer(request, reply, port)
}

function answer(request: Request, { reference, offset, length }: Found, port: MessagePort): Response {
  // A link with `download` passes by a service worker in some browsers; one to `?save` does not.
  const headers = headersOf(reference, { length, save: new URL(request.url).searchParams.has('save') })
  const header = request.headers.get('Range') ?? undefined
  const range = servedRange(header, reference.size)
  if (range === 'none') {
    port.postMessage('cancel' satisfies FileMore)
    return new Response(null, { status: 416, headers: { 'Content-Range': `bytes */${reference.size}` } })
  }
  if (request.method === 'HEAD') {
    port.postMessage('cancel' satisfies FileMore)
    return new Response(null, { headers })
  }
  const part = range === undefined ? {} : { 'Content-Range': `bytes ${offset}-${offset + length - 1}/${reference.size}` }
  return new Response(bodyFrom(port), { status: range === undefined ? 200 : 206, headers: { ...headers, ...part } })
}

/** The page that asks first, then the others. */
async function pagesFor(clientId: string): Promise<readonly Window[]> {
  const [own, all] = await Promise.all([
    clientId === '' ? undefined : worker.clients.get(clientId),
    worker.clients.matchAll({ type: 'window', includeUncontrolled: true }),
  ])
  return own === undefined ? all : [own, ...all.filter(({ id }) => id !== own.id)]
}

type Found = Extract<FileReply, { reference: unknown }>

/** Asks one page after the other until one has the runtime. */
async function ask(
  message: FileAsk,
  pages: readonly Window[],
): Promise<{ readonly reply: Found | Extract<FileReply, { failed: string }>; readonly port: MessagePort } | undefined> {
  for (const page of pages) {
    const { port1: port, port2 } = new MessageChannel()
    const taken = new Promise<boolean>((resolve) => {
      const cancel = browserPlatform.after(TAKEN_BOUND, () => resolve(false))
      port.onmessage = () => {
        cancel()
        resolve(true)
      }
    })
    page.postMessage(message, [port2])
    if (!(await taken)) {
      port.postMessage('cancel' satisfies FileMore)
      port.close()
      continue
    }
    const reply = await new Promise<FileReply>((resolve) => {
      port.onmessage = ({ data }: MessageEvent<FileReply>) => resolve(data)
      port.postMessage('more' satisfies FileMore)
    })
    if ('reference' in reply || 'failed' in reply) return { reply, port }
  }
  return undefined
}

/** The page's bytes, as fast as they are read. */
function bodyFrom(port: MessagePort): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        return new Promise((resolve) => {
          port.onmessage = ({ data }: MessageEvent<FileReply>) => {
            if ('bytes' in data) controller.enqueue(data.bytes)
            else if ('failed' in data) controller.error(new Error(data.failed))
            else if ('end' in data) controller.close()
            resolve()
          }
          port.postMessage('more' satisfies FileMore)
        })
      },
      cancel: () => port.postMessage('cancel' satisfies FileMore),
    },
    { highWaterMark: 2 },
  )
}

function refusal(status: number, reason: string): Response {
  return new Response(reason, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' } })
}
