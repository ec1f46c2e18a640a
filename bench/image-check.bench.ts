import { Agent } from 'node:http'
import { check } from '../src/checks/image.ts'
import { imageOf } from '../test/helpers/board/layout.ts'
import { pushImage } from '../test/helpers/board/layout.ts'
import { openRegistry } from '../test/helpers/board/open-registry.ts'
import { contextOf } from '../test/helpers/look.ts'
import { get, timed } from './fetch.ts'
import { milliseconds, report, spread } from './report.ts'

const rounds = 200

/** Each round another image, so that nothing is answered from memory. */
const layoutOf = (round: number) => ({
  layers: [[{ name: 'etc/motd', content: 'Read on.\n' }]],
  config: { User: '65532', Labels: { round: String(round) } },
})

async function main(): Promise<void> {
  const registry = await openRegistry()
  const agent = new Agent({ keepAlive: true })
  try {
    const url = `http://${registry.host}/v2/tara/scroll`
    const images = registry.images('tara')
    const ours: number[] = []
    const bare: number[] = []
    for (let round = -20; round < rounds; round += 1) {
      const tag = `r${round + 20}`
      const { config } = await imageOf(layoutOf(round))
      await pushImage(`${registry.host}/tara/scroll:${tag}`, layoutOf(round))
      const spec = check.spec.parse({ repository: 'scroll', tag })
      const looking = () => timed(() => check.look(spec, { ...contextOf(null), board: { registry: images } }))
      const asking = () =>
        timed(async () => {
          await get(agent, `${url}/manifests/${tag}`)
          await get(agent, `${url}/blobs/${config.digest}`)
        })
      // Whoever asks first pays for what the registry reads for the first time.
      const [a, b] =
        round % 2 === 0
          ? [await looking(), await asking()]
          : await asking().then(async (b) => [await looking(), b])
      if (round >= 0 && a !== undefined && b !== undefined) {
        ours.push(a)
        bare.push(b)
      }
    }
    const [a, b] = [spread(ours), spread(bare)]
    const ratio = a.p95 / b.p95
    report({
      what: `image check, manifest and configuration, n = ${a.n}`,
      ours: `p95 ${milliseconds(a.p95)} (median ${milliseconds(a.median)})`,
      against: `p95 ${milliseconds(b.p95)} (median ${milliseconds(b.median)}), the bare HTTP calls`,
      result: `${ratio.toFixed(2)}×`,
      bound: '≤ 1.5×',
      reached: ratio <= 1.5,
    })
  } finally {
    agent.destroy()
    await registry.close()
  }
}

await main()
