import { modeSuite } from './mode-suite.js'

modeSuite('page')
