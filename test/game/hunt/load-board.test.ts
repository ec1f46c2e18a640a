import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import { loadBoard } from '../../../src/game/hunt/load-board.ts'
import { testBudget } from '../../helpers/cluster.ts'

const hunt = { workspace: { budget: 'default', environments: [] } }
const cluster = { name: 'main', kubeconfig: 'config' }

async function load(context: TestContext, board: object) {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-board-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'board.yaml'), stringify(board))
  const { board: loaded, faults } = await loadBoard(join(folder, 'board.yaml'), hunt)
  return { folder, loaded, said: faults.map(({ line, message }) => `${line}: ${message}`).join('\n') }
}

test('a board’s paths count from its own folder', async (context) => {
  const { loaded, said, folder } = await load(context, {
    clusters: [cluster],
    budgets: { default: testBudget },
  })
  assert.equal(said, '')
  assert.equal(loaded?.resolvePath('config'), join(folder, 'config'))
  assert.equal(loaded.resolvePath('/etc/config'), '/etc/config')
})

test('a misspelt key and a cluster without a way to it are told at their lines', async (context) => {
  const { loaded, said } = await load(context, {
    clusters: [{ ...cluster, capcity: 5 }, { name: 'annex' }],
    budgets: { default: testBudget },
  })
  assert.equal(loaded, null)
  assert.match(said, /^4: clusters\.0\.capcity: there is no key capcity here \(did you mean capacity\?\)/m)
  assert.match(said, /say either kubeconfig or inCluster: true/)
})

test('the forge is this server where the board names none, and one that nobody knows is told', async (context) => {
  const budgets = { default: testBudget }
  assert.equal((await load(context, { budgets })).loaded?.file.forge, 'embedded')
  assert.equal((await load(context, { budgets, forge: 'none' })).loaded?.file.forge, 'none')
  const { said } = await load(context, { forge: 'gitlab', budgets })
  assert.equal(said, '1: forge: embedded, or none where players get no repositories')
})

test('a budget that the hunt asks for and the board has not is told', async (context) => {
  const { said } = await load(context, { clusters: [cluster], budgets: { defaults: testBudget } })
  assert.match(
    said,
    /hunt\.yaml asks for the budget default \(did you mean defaults\?\); there are: defaults/,
  )
})

test('numbers with which nothing would ever start are told', async (context) => {
  const { said } = await load(context, {
    clusters: [cluster],
    budgets: { default: { ...testBudget, memory: '128Mi', cpu: 'plenty' } },
  })
  assert.match(said, /budgets\.default\.cpu: a quantity of Kubernetes, such as 500m, 256Mi or 2Gi/)
  const { said: sums } = await load(context, {
    clusters: [cluster],
    budgets: { default: { ...testBudget, memory: '128Mi' } },
  })
  assert.match(sums, /memory: container\.max \(256Mi\) is more than the whole \(128Mi\)/)
})

test('two clusters of one name are told', async (context) => {
  const { said } = await load(context, { clusters: [cluster, cluster], budgets: { default: testBudget } })
  assert.match(said, /two clusters have the same name/)
})

test('a board without a cluster is asked for no number of Kubernetes, and images have their usual bound', async (context) => {
  const registry = { host: 'registry.example.org' }
  for (const board of [{ registry }, { registry, budgets: { default: {} } }, { forge: 'embedded' }]) {
    const { loaded, said } = await load(context, board)
    assert.equal(said, '')
    assert.deepEqual(loaded?.file.budgets['default']?.images, '1Gi')
  }
  const { loaded } = await load(context, { registry, budgets: { default: { images: '64Mi' } } })
  assert.equal(loaded?.file.budgets['default']?.images, '64Mi')
  const { said } = await load(context, { registry, budgets: { default: { cpu: 'plenty' } } })
  assert.match(said, /budgets\.default\.cpu: a quantity of Kubernetes/)
})

test('a board with a cluster is asked for each number that its namespaces need', async (context) => {
  const { said } = await load(context, {
    clusters: [cluster],
    budgets: {
      default: { ...testBudget, pods: undefined, container: { default: testBudget.container.default } },
    },
  })
  assert.match(said, /budgets\.default\.pods: is missing/)
  assert.match(said, /budgets\.default\.container\.max: is missing/)
})
