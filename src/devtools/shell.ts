import { connect } from 'spicetime'

const app = document.querySelector('#app')
if (app !== null) {
  const runtime = await connect()
  app.textContent = runtime.constructor.name
}
