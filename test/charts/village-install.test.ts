import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksBoard, openBoard } from '../helpers/board.ts'
import { kubectlWith } from '../helpers/board/kubectl.ts'
import { lacksTools, tool } from '../helpers/board/tools.ts'
import { until } from '../helpers/until.ts'

const run = promisify(execFile)
const chart = join(packageRoot(), 'charts', 'village')
const quota = 'requests.cpu=1,limits.cpu=1,requests.memory=1Gi,limits.memory=1Gi,pods=10'
const restricted = 'pod-security.kubernetes.io/enforce=restricted'

for (const helm of ['helm3', 'helm4']) {
  const skip = lacksBoard() || lacksTools(helm, 'kubectl')

  void test(
    `${helm} installs, upgrades and rolls back the village under a quota, with restricted pods`,
    { skip },
    async (t) => {
      const { kubeconfig } = await openBoard()
      const namespace = `village-${randomBytes(4).toString('hex')}`
      const kubectl = kubectlWith(kubeconfig, '-n', namespace)
      const helmDoes = async (...args: string[]) =>
        (await run(tool(helm), ['--kubeconfig', kubeconfig, '-n', namespace, ...args])).stdout
      await kubectl('create', 'namespace', namespace)
      t.after(() => kubectl('delete', 'namespace', namespace, '--wait=false'))
      await kubectl('label', 'namespace', namespace, restricted)
      await kubectl('create', 'quota', 'small', `--hard=${quota}`)
      const password = () => kubectl('get', 'secret', 'home-database', '-o', 'jsonpath={.data.password}')
      const pods = async (selector: string) =>
        (await kubectl('get', 'pods', '-l', selector, '-o', 'name')).split('\n').filter(Boolean).length
      // The test board may be busy with others' work.
      const untilPods = (selector: string, count: number) =>
        until(
          `${count} pods`,
          60,
          () => pods(selector),
          (seen) => seen === count,
          200,
        )

      await helmDoes('install', 'home', chart, '--set', 'front.replicas=2')
      await untilPods('app.kubernetes.io/instance=home', 4)
      const first = await password()
      assert.notEqual(first, '')

      await helmDoes('upgrade', 'home', chart, '--set', 'front.replicas=2', '--set', 'greeting=Namaste')
      await untilPods('app.kubernetes.io/component=front', 3)
      assert.equal(await password(), first)

      await helmDoes('rollback', 'home', '1')
      assert.equal(await password(), first)
      const front = await kubectl('get', 'deployment', 'home-front', '-o', 'jsonpath={..env[0].value}')
      assert.equal(front, 'Welcome to the village')

      const refusals = await kubectl('get', 'events', '--field-selector', 'reason=FailedCreate', '-o', 'name')
      assert.equal(refusals, '')
      await helmDoes('uninstall', 'home')
      assert.equal(
        await kubectl(
          'get',
          'all,secrets,ingresses',
          '-l',
          'app.kubernetes.io/managed-by=Helm',
          '-o',
          'name',
        ),
        '',
      )
    },
  )
}
