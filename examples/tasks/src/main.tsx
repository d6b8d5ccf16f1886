import { render } from 'preact'
import { TaskApp } from './app.js'
import { applyStoredTheme } from './hooks/use-theme.js'
import { Start } from './start.js'
import './styles/styles.js'

applyStoredTheme()
const root = document.querySelector('#app')
if (root !== null) render(<Start>{(runtime) => <TaskApp runtime={runtime} />}</Start>, root)
