import { modeSuite } from './mode-suite.js'

modeSuite('shared-worker')
