import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import type { ErrorOnWire } from '../runtime/errors/wire.js'
import type { FileStream, PutStream } from './file-messages.js'
import type { RuntimeService, ServiceMethod } from './runtime-service.js'

/**
 * Every message between a page and the runtime's worker. docs/decisions/0006-wire.md says why it is so.
 *
 * On the host's port: `Hello` up, `Welcome`, `Elsewhere` or `Refusal` down, then comlink calls of one function, `(request: Request) => Answer`, with
 * `Ping` up and `Pong` down at any time, then perhaps `Goodbye` up or `Moved` down. On a port of each stream's own: `StreamUp` and `StreamDown`.
 * On the owner's BroadcastChannel: `OwnerQuestion` and `OwnerAnswer`. docs/decisions/0010-one-owner.md says what they are for.
 */
export const PROTOCOL_VERSION = 1
/** What this build can speak, newest last. */
export const PROTOCOL_VERSIONS: readonly number[] = [PROTOCOL_VERSION]

/** The page's first message on a port. The page already holds the Web Lock `lock`. */
export interface Hello {
  readonly spicetime: 'hello'
  readonly versions: readonly number[]
  readonly lock: string
}
export interface Welcome {
  readonly spicetime: 'welcome'
  readonly version: number
  readonly generation: string
  /** Where the runtime runs. */
  readonly kind: HostKind
}
/** This host does not own the database: another does, which is reached through the owner's channel. */
export interface Elsewhere {
  readonly spicetime: 'elsewhere'
}
export interface Refusal {
  readonly spicetime: 'refused'
  readonly error: ErrorOnWire
}
/** The page goes away, or into the back/forward cache: free its streams. Calls that still come are the page's last wishes. */
export interface Goodbye {
  readonly spicetime: 'goodbye'
}

/** Is there anybody? Answered by the host before anything else. */
export interface Ping {
  readonly spicetime: 'ping'
  readonly id: number
}
export interface Pong {
  readonly spicetime: 'pong'
  readonly id: number
}
/** This host owns the database no more: say hello again, to whoever does. */
export interface Moved {
  readonly spicetime: 'moved'
}

export type HostKind = 'shared-worker' | 'worker' | 'page'

/** Asked on the owner's BroadcastChannel, `ownerName(name)`. */
export type OwnerQuestion =
  | { readonly spicetime: 'probe'; readonly id: string }
  /** Opens a port over the BroadcastChannel of that name; the owner says `ready` there. */
  | { readonly spicetime: 'connect'; readonly channel: string }
  /** From a host whose build needs a newer database: finish, close and let go. Owners of that version or a newer one only answer as to a probe. */
  | { readonly spicetime: 'yield'; readonly id: string; readonly database: number }
  /** Look into the inbox. */
  | { readonly spicetime: 'drain' }
/** The answer to a question of that id. A new owner announces itself by one with an empty id. */
export interface OwnerAnswer {
  readonly spicetime: 'owner'
  readonly id: string
  readonly generation: string
  readonly database: number
  readonly protocols: readonly number[]
}

/** The owner's Web Lock, and the BroadcastChannel it listens on. */
export const ownerName = (name: string): string => `spicetime-owner/${name}`
/** Held by a host for its life. */
export const lifeName = (generation: string): string => `spicetime-life/${generation}`
/** Held by each SharedWorker host for its life: the suffix tells replacements apart; the first host has 0. */
export const hostName = (name: string, suffix: number): string => `spicetime-host/${name}/${suffix}`
/** Held for the moment of taking the owner's lock away. */
export const stealName = (name: string): string => `spicetime-steal/${name}`
/** Held by a page while it replaces a wedged host. */
export const replaceName = (name: string): string => `spicetime-replace/${name}`

/** The name of a SharedWorker: its database and, for a replacement, its suffix. */
export const workerName = (name: string, suffix: number): string => (suffix === 0 ? name : `${name}~${suffix}`)

export function parseWorkerName(text: string): { readonly name: string; readonly suffix: number } {
  const [, name, suffix] = /^(.+)~([1-9][0-9]*)$/s.exec(text) ?? []
  return name === undefined ? { name: text, suffix: 0 } : { name, suffix: Number(suffix) }
}

/** What goes with a call besides its subject: the method's own options without the signal. */
export type WireOptions = Readonly<Record<string, unknown>> & {
  /** Made by the page, the same when a call is sent again: it counts once. */
  readonly key?: string
  /** It may have been sent before, to this worker or one that is gone: look the key up. */
  readonly again?: boolean
}

/** A call of one of the runtime's methods. */
export interface CallRequest {
  readonly method: ServiceMethod
  /** The arguments before the options. */
  readonly subject: readonly unknown[]
  readonly options: WireOptions
  /** Present when the page may cancel this call. */
  readonly call?: number
}
/** The page no longer waits for a call. */
export interface CancelRequest {
  readonly method: 'cancel'
  readonly call: number
}
/** Opens a stream on the port that comes with it. Its failures come through that port. */
export interface OpenRequest {
  readonly method: 'open'
  readonly stream: StreamSpec
  /** A port, or the name of the BroadcastChannel where a port can't be sent. */
  readonly port: MessagePort | string
  readonly credits: number
}
export type Request = CallRequest | CancelRequest | OpenRequest

/** An answer and the life of the worker that gave it. */
export interface Answer<T = unknown> {
  readonly generation: string
  readonly value: T
}
export type AnswerOf<M extends ServiceMethod> = Awaited<ReturnType<RuntimeService[M]>>

export type StreamSpec =
  | { readonly kind: 'state'; readonly path: string; /** As a live document: `LiveChange`s. */ readonly live?: true }
  | { readonly kind: 'networks' }
  | { readonly kind: 'diagnostics' }
  /** What the runtime asks of this page, as `PageAsk`; while it is open the page offers the service. */
  | { readonly kind: 'service'; readonly service: string }
  | FileStream
  | PutStream

const STREAM_KINDS: readonly StreamSpec['kind'][] = ['state', 'networks', 'diagnostics', 'service', 'file', 'put']

/** Changes that may be under way to a page that has not taken the earlier ones yet. */
export const STREAM_CREDITS = 8
/** A page hands credits back by this many, to spare messages. */
export const CREDIT_STEP = 4

/** `up`: what a stream takes from the page, such as `PutUp`. */
export type StreamUp = { readonly credit: number } | { readonly close: true } | { readonly up: unknown }
export type StreamDown = { readonly change: unknown } | { readonly failed: ErrorOnWire }

/** Methods that change something: each call carries a key, and one that was sent is never called off. */
export const KEYED_METHODS: readonly ServiceMethod[] = ['submitEvent', 'submitEvents', 'undo', 'createSpace', 'joinSpace']

/** What the arguments before the options must be; deeper checks are the runtime's own. */
type SubjectKind = 'text' | 'map' | 'list'
const KIND_NAMES: { readonly [K in SubjectKind]: string } = { text: 'a string', map: 'an object', list: 'a list' }
const SUBJECTS: { readonly [M in ServiceMethod]: readonly SubjectKind[] } = {
  submitEvent: ['map'],
  submitEvents: ['list'],
  getState: ['text'],
  reached: ['text', 'text'],
  undo: [],
  trace: ['text'],
  events: [],
  networks: [],
  configureNetworks: ['map'],
  syncNetworks: [],
  definePolicy: ['map'],
  policy: [],
  storage: [],
  spaces: [],
  createSpace: [],
  invite: ['text'],
  joinSpace: ['text'],
  members: ['text'],
  fileInfo: ['text'],
  answer: ['map'],
  live: ['text', 'map'],
}

/**
 * Reads a page's request.
 * @throws SpiceTimeError PROTOCOL_MISMATCH for one that this build can't read, INPUT_MALFORMED for arguments that the method can't take
 */
export function parseRequest(data: unknown): Request {
  if (!isMap(data) || typeof data['method'] !== 'string') throw unreadable()
  if (data['method'] === 'cancel' && typeof data['call'] === 'number') return { method: 'cancel', call: data['call'] }
  if (data['method'] === 'open') return parseOpen(data)
  return parseCall(data, data['method'])
}

export function parseHello(data: unknown): Hello | undefined {
  if (!isMap(data) || data['spicetime'] !== 'hello') return undefined
  const versions = data['versions']
  if (typeof data['lock'] !== 'string' || !Array.isArray(versions) || !versions.every((version) => typeof version === 'number'))
    return undefined
  return data as unknown as Hello
}

export function isGoodbye(data: unknown): data is Goodbye {
  return isMap(data) && data['spicetime'] === 'goodbye'
}

export function isMoved(data: unknown): data is Moved {
  return isMap(data) && data['spicetime'] === 'moved'
}

export function parsePing(data: unknown): Ping | undefined {
  return isMap(data) && data['spicetime'] === 'ping' && typeof data['id'] === 'number' ? { spicetime: 'ping', id: data['id'] } : undefined
}

export function parsePong(data: unknown): Pong | undefined {
  return isMap(data) && data['spicetime'] === 'pong' && typeof data['id'] === 'number' ? { spicetime: 'pong', id: data['id'] } : undefined
}

export function parseGreeting(data: unknown): Welcome | Elsewhere | Refusal | undefined {
  if (!isMap(data)) return undefined
  if (data['spicetime'] === 'elsewhere') return { spicetime: 'elsewhere' }
  if (data['spicetime'] === 'refused' && isMap(data['error'])) return data as unknown as Refusal
  if (data['spicetime'] === 'welcome' && typeof data['version'] === 'number' && typeof data['generation'] === 'string')
    return data as unknown as Welcome
  return undefined
}

export function parseStreamUp(data: unknown): StreamUp | undefined {
  if (!isMap(data)) return undefined
  if (data['close'] === true) return { close: true }
  if ('up' in data) return { up: data['up'] }
  const credit = data['credit']
  return typeof credit === 'number' && credit > 0 && credit <= STREAM_CREDITS ? { credit } : undefined
}

export function parseStreamDown(data: unknown): StreamDown | undefined {
  if (!isMap(data)) return undefined
  if (isMap(data['failed'])) return data as unknown as StreamDown
  return 'change' in data ? { change: data['change'] } : undefined
}

export function parseOwnerQuestion(data: unknown): OwnerQuestion | undefined {
  if (!isMap(data)) return undefined
  const { spicetime, id, channel, database } = data
  if (spicetime === 'drain') return { spicetime }
  if (spicetime === 'connect' && typeof channel === 'string') return { spicetime, channel }
  if (spicetime === 'probe' && typeof id === 'string') return { spicetime, id }
  return spicetime === 'yield' && typeof id === 'string' && typeof database === 'number' ? { spicetime, id, database } : undefined
}

export function parseOwnerAnswer(data: unknown): OwnerAnswer | undefined {
  if (!isMap(data) || data['spicetime'] !== 'owner' || typeof data['id'] !== 'string') return undefined
  return typeof data['generation'] === 'string' && typeof data['database'] === 'number' ? (data as unknown as OwnerAnswer) : undefined
}

/** The newest version that both sides speak. */
export function commonVersion(theirs: readonly number[], ours: readonly number[] = PROTOCOL_VERSIONS): number | undefined {
  return ours.filter((version) => theirs.includes(version)).sort((a, b) => b - a)[0]
}

function parseCall(data: Readonly<Record<string, unknown>>, method: string): CallRequest {
  const { subject, options, call } = data
  if (!isServiceMethod(method) || !Array.isArray(subject) || !isMap(options)) throw unreadable()
  if (call !== undefined && typeof call !== 'number') throw unreadable()
  if (options['key'] !== undefined && typeof options['key'] !== 'string') throw unreadable()
  const kinds = SUBJECTS[method]
  if (kinds.length === subject.length && kinds.every((kind, index) => isKind(kind, subject[index]))) return data as unknown as CallRequest
  const needed = kinds.map((kind) => KIND_NAMES[kind]).join(' and ')
  throw new SpiceTimeError('INPUT_MALFORMED', `${method} needs ${needed} before its options. Check the arguments of this call.`, { method })
}

function parseOpen(data: Readonly<Record<string, unknown>>): OpenRequest {
  const { stream, port, credits } = data
  if (
    !isMap(stream) ||
    !(isMap(port) || typeof port === 'string') ||
    typeof credits !== 'number' ||
    !(credits > 0 && credits <= STREAM_CREDITS)
  )
    throw unreadable()
  if (!STREAM_KINDS.some((kind) => kind === stream['kind'])) throw unreadable()
  return data as unknown as OpenRequest
}

function unreadable(): SpiceTimeError {
  return new SpiceTimeError(
    'PROTOCOL_MISMATCH',
    'The worker could not read a request from this page. Reload every tab of this app: its page and worker are of two builds.',
  )
}

function isKind(kind: SubjectKind, value: unknown): boolean {
  if (kind === 'text') return typeof value === 'string'
  return kind === 'list' ? Array.isArray(value) : isMap(value) && !Array.isArray(value)
}

function isServiceMethod(method: string): method is ServiceMethod {
  return Object.hasOwn(SUBJECTS, method)
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
