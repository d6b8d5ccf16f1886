import { connect } from '../../runtime/connect.js'

/** A page with the real runtime, for an iframe that a test takes away: submits and tells the generation. The frame's name is the database's. */
// Without `extendedLifetime`, so that the worker ends with its last page.
const worker = (name: string): SharedWorker =>
  new SharedWorker(new URL('../runtime.shared-worker.ts', import.meta.url), { type: 'module', name })

connect({ name: window.name, worker })
  .then(async (client) => {
    await client.submitEvent({ path: 'me/tasks/kept', op: 'put', value: { title: 'kept' } })
    parent.postMessage(client.connection.generation)
  })
  .catch((error: unknown) => parent.postMessage(`failed: ${String(error)}`))
