import { isValueMap } from './value.js'
import type { Value, ValueMap } from './value.js'

/** What the state holds of a file: where its content is, and how it is read. The content itself is kept by storage. */
export interface FileReference {
  /** CID (v1, base32) of the UnixFS content as it is stored: sealed, unless the event is public. */
  readonly cid: string
  /** Bytes of the content as the application gave it. */
  readonly size: number
  /** Media type; may be empty. */
  readonly type: string
  /** Any Unicode; may be empty. */
  readonly name: string
  /** How the content is sealed; absent where it is in the open. */
  readonly sealed?: FileSeal
}

/** The key is made from the space's key of that epoch and the salt, so the state holds no secret: docs/decisions/0016. */
export interface FileSeal {
  readonly epoch: number
  /** 32 bytes. */
  readonly salt: Uint8Array
}

/** The reference that a value is; undefined for any other value. */
export function fileReference(value: Value | undefined): FileReference | undefined {
  if (!isValueMap(value)) return undefined
  const { cid, size, type, name } = value
  if (typeof cid !== 'string' || typeof type !== 'string' || typeof name !== 'string') return undefined
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined
  if (value['sealed'] === undefined) return { cid, size, type, name }
  const sealed = sealOf(value['sealed'])
  return sealed === undefined ? undefined : { cid, size, type, name, sealed }
}

function sealOf(value: Value): FileSeal | undefined {
  if (!isValueMap(value)) return undefined
  const { epoch, salt } = value
  if (typeof epoch !== 'number' || !Number.isSafeInteger(epoch) || epoch < 0) return undefined
  return salt instanceof Uint8Array && salt.length === 32 ? { epoch, salt } : undefined
}

/** The reference as a document holds it. */
export function fileValue({ cid, size, type, name, sealed }: FileReference): ValueMap {
  return { cid, size, type, name, ...(sealed === undefined ? {} : { sealed: { epoch: sealed.epoch, salt: sealed.salt } }) }
}
