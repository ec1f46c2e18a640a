import assert from 'node:assert/strict'
import { access, chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CoreV1Api } from '@kubernetes/client-node'
import { stringify } from 'yaml'
import { marks } from '../../src/board/cluster/marks.ts'
import { serverIdOf } from '../../src/core/owner.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { keptSecret } from '../../src/lib/secrets.ts'
import { lacksBoard, openBoard } from '../helpers/board.ts'
import { connect } from '../helpers/board/objects.ts'
import { boardFor, installedCluster } from '../helpers/cluster.ts'
import { startProof } from '../helpers/proof.ts'
import { until } from '../helpers/until.ts'

test(
  'Ctrl-C in the middle of a proof ends its script and takes its namespaces down',
  { skip: lacksBoard() },
  async (t) => {
    const { kubeconfig } = await openBoard()
    const folder = await mkdtemp(join(tmpdir(), 'shambhala-prove-stop-'))
    // The database's user has to get through, or the data would go elsewhere.
    await chmod(folder, 0o755)
    t.after(() => rm(folder, { recursive: true, force: true }))
    const challenges = join(folder, 'challenges')
    await cp(join(packageRoot(), 'test', 'fixtures', 'hunt-cluster'), challenges, { recursive: true })
    const begun = join(folder, 'begun')
    await mkdir(join(challenges, '02-note', 'solution'))
    const script = `echo "$$ $SHAMBHALA_NAMESPACE" > ${begun}.new && mv ${begun}.new ${begun}\nsleep 600\n`
    await writeFile(join(challenges, '02-note', 'solution', 'solve.sh'), script)
    const board = boardFor(kubeconfig)
    const cluster = await installedCluster(board)
    cluster.close()
    await writeFile(join(folder, 'board.yaml'), stringify(board))

    const dataDir = join(folder, 'data')
    const settings = { BOARD_FILE: join(folder, 'board.yaml'), DATA_DIR: dataDir }
    const proof = startProof(['note'], challenges, settings)
    t.after(() => proof.interrupt())
    const told = await until('the script', 120, () => readFile(begun, 'utf8').catch(() => null))
    const [process = '', namespace = ''] = told.trim().split(' ')
    const api = connect(kubeconfig).makeApiClient(CoreV1Api)
    const { metadata } = await api.readNamespace({ name: namespace })
    const hunt = metadata?.labels?.[marks.hunt] ?? ''
    assert.match(hunt, /^proof-/)
    const own = serverIdOf(keptSecret(join(dataDir, 'secrets', 'master')))
    assert.equal(metadata?.labels?.[marks.server], own, 'were it killed, no sweep would find it')
    proof.interrupt()

    const { code, errors } = await proof.ended
    assert.equal(code, 1)
    assert.match(errors, /Stopping: what the proof made is taken down/)
    assert.match(errors, /Stopped: nothing of it is left\./)
    const { items } = await api.listNamespace({ labelSelector: `${marks.hunt}=${hunt}` })
    assert.deepEqual(
      items.map((one) => one.metadata?.name),
      [],
    )
    await assert.rejects(access(join('/proc', process)), 'the script still runs')
  },
)
