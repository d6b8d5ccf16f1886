import { connect } from '../../runtime/connect.js'

/** A page with the real runtime, for an iframe that a test takes away: submits and tells the generation. The frame's name is the database's. */
connect({ name: window.name })
  .then(async (client) => {
    await client.submitEvent({ path: 'me/tasks/kept', op: 'put', value: { title: 'kept' } })
    parent.postMessage(client.connection.generation)
  })
  .catch((error: unknown) => parent.postMessage(`failed: ${String(error)}`))
