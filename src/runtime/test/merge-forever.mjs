// A process that types and merges until it is killed: `node merge-forever.mjs <bundle of merging-device.ts> <folder>`. It writes each id once it resolved.
import { writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [, , bundle = '', directory = ''] = process.argv
const { openMergingDevice, mergeAll } = await import(pathToFileURL(bundle).href)
const runtime = await openMergingDevice(directory)
const [space] = await runtime.spaces()

async function type() {
  const path = `${space.id}/notes/1/text`
  const { state } = await runtime.getState(path)
  for (let at = state.value?.length ?? 0; ; at++) {
    const delta = at === 0 ? [{ insert: 'x' }] : [{ retain: at }, { insert: 'x' }]
    writeSync(1, `${await runtime.submitEvent({ path, op: 'text', delta })}\n`)
  }
}

async function merge() {
  for (;;) {
    await mergeAll(runtime)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

await Promise.race([type(), merge()])
