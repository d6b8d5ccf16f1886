import { modeSuite } from './mode-suite.js'

modeSuite('worker')
