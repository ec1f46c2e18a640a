import { startChecking } from './check.js'
import { startCopying } from './copy.js'
import { startCountdowns } from './countdown.js'
import { startLive } from './live.js'
import { startSendingOnce } from './once.js'

startCopying()
startCountdowns()
startChecking()
startSendingOnce()
startLive()
