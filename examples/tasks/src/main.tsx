import { render } from 'preact'
import { connect } from 'spicetime'
import { mountBoard } from './mount.js'
import { Failure } from './ui/failure.js'

/** The board as an application of its own: connect, mount, and say what is wrong when that fails. */
async function start(element: HTMLElement): Promise<void> {
  try {
    mountBoard(element, await connect())
  } catch (error) {
    render(<Failure what="The board could not be opened." error={error} onRetry={() => void start(element)} />, element)
  }
}

const app = document.getElementById('app')
if (app !== null) void start(app)
