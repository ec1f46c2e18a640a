import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { packageRoot } from '../../src/lib/root.ts'
import { loadImage } from '../helpers/board/images.ts'
import { cleanNamespace } from '../helpers/board/pods.ts'
import { lacksTools, tool } from '../helpers/board/tools.ts'
import { lacksNode, openNode, type NodeBoard } from '../helpers/node.ts'
import { until } from '../helpers/until.ts'

const run = promisify(execFile)
const chart = join(packageRoot(), 'charts', 'village')
const repository = 'board.local/village'
const tag = 'chart-test'
const quota = 'requests.cpu=1,limits.cpu=1,requests.memory=1Gi,limits.memory=1Gi,pods=10'

for (const helm of ['helm3', 'helm4']) {
  const skip = lacksNode() || lacksTools(helm, 'kubectl', 'village')

  void test(
    `The village that ${helm} installs stands on a real node, and passes its visit`,
    { skip },
    async (t) => {
      const board = await openNode()
      await loadVillage(board)
      const namespace = await cleanNamespace(t, board.kubeconfig)
      const host = `${namespace}.example.org`
      const on = ['--kubeconfig', board.kubeconfig, '-n', namespace]
      await run(tool('kubectl'), [...on, 'create', 'quota', 'small', `--hard=${quota}`])
      const set = Object.entries({
        'image.repository': repository,
        'image.tag': tag,
        'front.replicas': '2',
        'ingress.enabled': 'true',
        'ingress.className': board.ingress.className,
        'ingress.host': host,
      }).flatMap(([name, value]) => ['--set', `${name}=${value}`])

      await run(tool(helm), [...on, 'install', 'home', chart, '--wait', '--timeout', '3m', ...set])
      const { stdout } = await run(tool(helm), [...on, 'test', 'home', '--timeout', '2m'])
      assert.match(stdout, /Phase: +Succeeded/)
      const villagers = await answerOf(board.ingress.address, board.ingress.httpPort, host)
      assert.deepEqual(villagers, [])
    },
  )
}

/** As `docker build` makes it of tools/village/Dockerfile. */
async function loadVillage({ node }: NodeBoard): Promise<void> {
  const program = await readFile(tool('village'))
  const config = { User: '65532:65532', Entrypoint: ['/village'] }
  const entries = [{ name: 'village', mode: 0o755, content: program }]
  await loadImage(node, { name: `${repository}:${tag}`, entries, config })
}

/** What the API says through the ingress, once that knows the host. */
async function answerOf(address: string, port: number, host: string): Promise<unknown> {
  const ask = () =>
    new Promise<[number, unknown]>((resolve, reject) => {
      const path = '/api/villagers'
      const sent = request({ host: address, port, path, headers: { host } }, (response) => {
        json(response).then(
          (body) => resolve([response.statusCode ?? 0, body]),
          () => resolve([response.statusCode ?? 0, null]),
        )
      })
      sent.on('error', reject).end()
    })
  const [, body] = await until('an answer through the ingress', 30, ask, ([status]) => status === 200, 200)
  return body
}
