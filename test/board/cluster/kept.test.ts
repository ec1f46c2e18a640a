import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startControlPlane } from '../../helpers/board/control-plane.ts'
import { kubectlWith } from '../../helpers/board/kubectl.ts'
import { stopAll } from '../../helpers/board/processes.ts'
import { lacksControlPlane, lacksTools } from '../../helpers/board/tools.ts'

test(
  'a cluster that make board was stopped with is there again, with its namespaces, at its address, for its tokens',
  { skip: lacksControlPlane() || lacksTools('kubectl') },
  async (t) => {
    const top = await mkdtemp(join(tmpdir(), 'shambhala-kept-'))
    t.after(() => rm(top, { recursive: true, force: true }))
    const keep = join(top, 'cluster')
    await mkdir(keep)
    const start = async (name: string) => {
      const dir = join(top, name)
      await mkdir(dir)
      const plane = await startControlPlane(dir, { keep })
      t.after(() => stopAll(plane.processes))
      return { plane, kubectl: kubectlWith(plane.kubeconfig) }
    }
    const first = await start('first')
    await first.kubectl('create', 'namespace', 'hunt-tara')
    await first.kubectl('-n', 'hunt-tara', 'create', 'secret', 'generic', 'release', '--from-literal=home=1')
    const token = (await first.kubectl('-n', 'default', 'create', 'token', 'default')).trim()
    await stopAll(first.plane.processes)

    const second = await start('second')
    assert.equal(second.plane.server, first.plane.server)
    assert.match(await second.kubectl('-n', 'hunt-tara', 'get', 'secret', 'release', '-o', 'name'), /release/)
    const { server, keys } = second.plane
    const holder = kubectlWith(
      '/dev/null',
      '-s',
      server,
      `--certificate-authority=${keys}/ca.crt`,
      `--token=${token}`,
    )
    await assert.rejects(holder('get', 'secrets'), /default:default" cannot list resource/)
  },
)
