import { useRef, useState } from 'preact/hooks'
import type { Session } from '../board/session.js'
import { askForStorage } from './attachment.js'

/** A file on its way in. */
export interface Upload {
  readonly id: string
  readonly name: string
  /** 0 to 1. */
  readonly done: number
  readonly cancel: () => void
}

/** Adds files below a path, several at once, and says how far each is. */
export function useUploads(
  { runtime, notices }: Session,
  path: string,
): { readonly uploads: readonly Upload[]; readonly add: (files: readonly File[]) => void } {
  const [uploads, setUploads] = useState<readonly Upload[]>([])
  const asked = useRef<Promise<void> | undefined>(undefined)
  const change = (id: string, next: Partial<Upload> | undefined): void =>
    setUploads((all) => all.flatMap((one) => (one.id !== id ? [one] : next === undefined ? [] : [{ ...one, ...next }])))
  const addOne = async (file: File): Promise<void> => {
    const id = crypto.randomUUID()
    const controller = new AbortController()
    setUploads((all) => [...all, { id, name: file.name, done: 0, cancel: () => controller.abort() }])
    try {
      asked.current ??= askForStorage(runtime)
      await asked.current
      const onProgress = (bytes: number): void => change(id, { done: file.size === 0 ? 1 : bytes / file.size })
      await runtime.putFile(`${path}/${id}`, file, { signal: controller.signal, onProgress })
    } catch (error) {
      asked.current = undefined
      if (!controller.signal.aborted) notices.failure(`‘${file.name}’ was not added.`, error)
    } finally {
      change(id, undefined)
    }
  }
  return { uploads, add: (files) => files.forEach((file) => void addOne(file)) }
}
