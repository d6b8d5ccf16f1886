// What stands in bundles for the parts of Helia that nobody here uses: its keychain with all its kinds of keys, and DNS over HTTPS, which asks servers that no settings name.

/**
 * @param {string} part
 * @param {string} asked
 * @returns {never}
 */
function leftOut(part, asked) {
  throw new Error(
    `Helia's ${part} is left out of SpiceTime's bundles, and ${asked} was asked of it: see docs/decisions/0026-lean-storage.md.`,
  )
}

/** @param {string} part */
const absent = (part) => new Proxy({}, { get: (_, name) => leftOut(part, String(name)) })

export const keychain = () => () => absent('keychain')

export const dns = () => absent('DNS')

export const getCrypto =
  () =>
  /** @param {string | number} name of the kind of key, or its code */
  async (name) =>
    leftOut('cryptography', String(name))
