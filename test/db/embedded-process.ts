import { startEmbedded } from '../../src/db/embedded.ts'
import { silentLog as log } from '../../src/lib/log.ts'

// A server in a process of its own, for tests that kill it: says where its database is.
const [dataDir = ''] = process.argv.slice(2)
const { url } = await startEmbedded({ dataDir, log })
console.log(url)
setInterval(() => undefined, 1000)
