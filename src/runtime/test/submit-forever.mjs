// A process that submits until it is killed: `node submit-forever.mjs <bundle of node.ts> <folder> <run>`. It writes each id on its output once it resolved.
import { writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [, , bundle = '', directory = '', run = ''] = process.argv
const { connect } = await import(pathToFileURL(bundle).href)
const runtime = await connect({ directory })

/** @param {readonly string[]} ids */
const acknowledge = (ids) => writeSync(1, ids.map((id) => `${id}\n`).join(''))

/** @param {number} lane */
async function singles(lane) {
  for (let value = 0; ; value++) acknowledge([await runtime.submitEvent({ path: `me/singles/${run}-${lane}-${value}`, op: 'put', value })])
}

async function batches() {
  for (let batch = 0; ; batch++) {
    const inputs = Array.from({ length: 20 }, (_, value) => ({ path: `me/batches/${run}-${batch}-${value}`, op: 'put', value }))
    acknowledge(await runtime.submitEvents(inputs))
  }
}

await Promise.race([batches(), ...Array.from({ length: 8 }, (_, lane) => singles(lane))])
