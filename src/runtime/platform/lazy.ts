import { asSpiceTimeError, SpiceTimeError } from '../errors/spice-time-error.js'

/** What is made when it is first asked for, once. A failure is told to who asked, and the next who asks has it tried again. */
export class Lazy<T> {
  readonly #make: () => Promise<T>
  #making: Promise<T> | undefined

  constructor(make: () => Promise<T>) {
    this.#make = make
  }

  /** @throws SpiceTimeError WORKER_FAILED when its code could not be loaded, and as making it fails */
  get(): Promise<T> {
    if (this.#making !== undefined) return this.#making
    const making = this.#make().catch((error: unknown) => {
      if (this.#making === making) this.forget()
      // As engines say it of an `import()` that fails: "dynamically imported module", "Importing a module script".
      if (error instanceof TypeError && /import/i.test(error.message))
        throw new SpiceTimeError('WORKER_FAILED', 'A part of the runtime could not be loaded. Go online and try again.', {}, error)
      throw asSpiceTimeError(error)
    })
    this.#making = making
    return making
  }

  /** Undefined where nobody asked for it, or making it failed. */
  async made(): Promise<T | undefined> {
    return await this.#making?.catch(() => undefined)
  }

  /** Makes it anew for the next who asks. @param made what they are given instead */
  forget(made?: T): void {
    this.#making = made === undefined ? undefined : Promise.resolve(made)
  }
}
