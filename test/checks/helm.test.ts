import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { NamespaceReader } from '../../src/board/cluster/types.ts'
import { check } from '../../src/checks/helm.ts'
import { mostRevisions } from '../../src/checks/helm/choose.ts'
import type { HelmFacts } from '../../src/checks/helm/spec.ts'
import { isWell } from '../../src/checks/helm/live.ts'
import { PlayerFault } from '../../src/lib/errors.ts'
import { createGate } from '../../src/lib/gate.ts'
import { lacksBoard } from '../helpers/board.ts'
import { applyObjects } from '../helpers/board/objects.ts'
import { lacksTools, tool } from '../helpers/board/tools.ts'
import { writeChart } from '../helpers/chart.ts'
import { contextOf } from '../helpers/look.ts'
import { clusterWith, openNamespace, type TestNamespace } from '../helpers/namespace.ts'
import { testDatabase } from '../helpers/postgres.ts'
import { openShell } from '../helpers/shell.ts'
import { base64, releaseJson, storedRelease, zeros } from '../helpers/stored-release.ts'
import { until } from '../helpers/until.ts'

const skip = lacksBoard() || lacksTools('helm3', 'helm4', 'kubectl')

interface Player extends TestNamespace {
  /** Runs `helm` or `kubectl` in the player's namespace; throws when it fails. */
  run(command: string, environment?: Record<string, string>): Promise<string>
  look(spec?: Record<string, unknown>, reader?: NamespaceReader): ReturnType<typeof check.look>
  facts(spec?: Record<string, unknown>): Promise<HelmFacts>
  folder: string
}

async function play(context: TestContext, helm = 'helm4'): Promise<Player> {
  const namespace = await openNamespace(context)
  const shell = openShell()
  context.after(() => shell.remove())
  await writeChart(shell.folder)
  const functions = `helm() { '${tool(helm)}' -n ${namespace.name} "$@"; }; kubectl() { '${tool('kubectl')}' -n ${namespace.name} "$@"; }`
  const run: Player['run'] = async (command, environment = {}) => {
    const ran = await shell.run(`set -e; ${functions}; ${command}`, {
      KUBECONFIG: namespace.kubeconfig,
      ...environment,
    })
    if (ran.code !== 0) throw new Error(`${command}: ${ran.stderr}`)
    return ran.stdout
  }
  const look: Player['look'] = (spec = {}, reader = namespace.reader) => {
    const world = { ...contextOf(null), board: { cluster: clusterWith(reader) } }
    return check.look(check.spec.parse({ release: 'treasure', ...spec }), world)
  }
  const facts: Player['facts'] = async (spec) => check.facts.parse((await look(spec)).facts)
  return { ...namespace, run, look, facts, folder: shell.folder }
}

const secrets = { apiVersion: 'v1', kind: 'Secret' }
const { signal } = new AbortController()
const blames = (message: RegExp) => (error: unknown) =>
  error instanceof PlayerFault && message.test(error.message) && error.french !== undefined
describe('a Helm release', { skip, concurrency: 2 }, () => {
  for (const helm of ['helm3', 'helm4'])
    test(`of ${helm} is told from its install to its end`, async (context) => {
      const player = await play(context, helm)
      await player.run('helm install treasure ./chest --set gold=7,deep.b=3,gone=null,own=null')
      const all = { manifest: true, live: true, history: true }
      const { facts, evidence } = await player.look(all)
      assert.ok(facts.found && !facts.hidden)
      assert.deepEqual(
        [facts.driver, facts.release, facts.namespace, facts.revision, facts.deployed, facts.status],
        ['secret', 'treasure', player.name, 1, 1, 'deployed'],
      )
      assert.equal(facts.description, 'Install complete')
      assert.deepEqual(facts.chart, { name: 'chest', version: '0.1.0', appVersion: '1.2' })
      assert.deepEqual(facts.values.user, { gold: 7, deep: { b: 3 }, gone: null, own: null })
      assert.deepEqual(
        facts.values.computed,
        JSON.parse(await player.run('helm get values treasure --all -o json')),
      )
      assert.equal(facts.notes, 'Dig at treasure.\n')
      assert.equal(facts.updated, facts.firstDeployed)
      assert.deepEqual(facts.tests, [
        { name: 'treasure-dig', kind: 'ConfigMap', phase: '', started: '', completed: '' },
      ])
      assert.deepEqual(facts.manifest?.map((one) => `${one.kind} ${one.metadata.name}`).sort(), [
        'ConfigMap treasure-note',
        'Deployment treasure-web',
        'Secret treasure-key',
        'Service treasure-web',
      ])
      assert.deepEqual(
        facts.live?.filter((one) => !isWell(one)),
        [],
      )
      assert.deepEqual(
        evidence.map(({ what, revision, where }) => [what, revision, where]),
        [['release', 'treasure r1', player.name]],
      )

      await player.run('helm test treasure')
      assert.equal((await player.facts()).tests[0]?.phase, 'Succeeded')
      await writeChart(player.folder, '0.2.0')
      await player.run('helm upgrade treasure ./chest')
      await player.run('helm rollback treasure 1')
      const after = await player.facts(all)
      assert.deepEqual(
        after.history?.map(({ revision, status, description, chartVersion }) => [
          revision,
          status,
          description,
          chartVersion,
        ]),
        [
          [3, 'deployed', 'Rollback to 1', '0.1.0'],
          [2, 'superseded', 'Upgrade complete', '0.2.0'],
          [1, 'superseded', 'Install complete', '0.1.0'],
        ],
      )
      assert.ok(after.updated > after.firstDeployed)
      assert.deepEqual([after.live?.length, after.live?.every(isWell)], [4, true])
      await player.run('helm uninstall treasure')
      const gone = await player.facts(all)
      assert.deepEqual([gone.found, gone.hidden, gone.revision, gone.live], [false, false, 0, []])
    })

  test('that the cluster does not hold as it was sent shows where it differs', async (context) => {
    const player = await play(context)
    await player.run('helm install treasure ./chest')
    await player.run(
      `kubectl patch configmap treasure-note -p '{"data":{"gold":"99"}}'; kubectl delete service treasure-web
      kubectl annotate deployment treasure-web meta.helm.sh/release-name=other --overwrite`,
    )
    const { live } = await player.facts({ live: true })
    const told = live?.map(({ kind, exists, owned, matches, difference }) => [
      kind,
      exists,
      owned,
      matches,
      difference,
    ])
    assert.deepEqual(told?.sort(), [
      ['ConfigMap', true, true, false, 'data.gold'],
      ['Deployment', true, false, true, ''],
      ['Secret', true, true, true, ''],
      ['Service', false, false, false, ''],
    ])
  })

  test('is found in ConfigMaps', async (context) => {
    const player = await play(context)
    await player.run('helm install treasure ./chest', { HELM_DRIVER: 'configmap' })
    const { driver, revision } = await player.facts()
    assert.deepEqual([driver, revision], ['configmap', 1])
  })

  test('that HELM_DRIVER keeps in a database is told as hidden, but only that', async (context) => {
    const player = await play(context)
    const database = await testDatabase()
    context.after(() => database.close())
    const url = new URL(database.url)
    url.searchParams.set('sslmode', 'disable')
    await player.run('helm install treasure ./chest', {
      HELM_DRIVER: 'sql',
      HELM_DRIVER_SQL_CONNECTION_STRING: url.href,
    })
    const { found, hidden } = await player.facts()
    assert.deepEqual([found, hidden], [false, true])
    assert.equal((await player.facts({ release: 'other' })).hidden, false)
  })

  test('whose end left an object on purpose is gone, not hidden', async (context) => {
    const player = await play(context)
    await player.run('helm install treasure ./chest --set keep=true; helm uninstall treasure')
    assert.match(await player.run('kubectl get configmap treasure-note -o yaml'), /managed-by: Helm/)
    const gone = await until(
      'the end of the release',
      20,
      () => player.facts(),
      ({ hidden }) => !hidden,
    )
    assert.equal(gone.found, false)
  })

  test('that was uninstalled with its history kept is found as uninstalled', async (context) => {
    const player = await play(context)
    await player.run('helm install treasure ./chest; helm uninstall treasure --keep-history')
    const { found, status, deployed } = await player.facts()
    assert.deepEqual([found, status, deployed], [true, 'uninstalled', 0])
  })

  test('whose upgrade failed still has the revision before it deployed', async (context) => {
    const player = await play(context)
    await player.run('helm install treasure ./chest')
    await assert.rejects(player.run('helm upgrade treasure ./chest --set selector=other'), /immutable/)
    const { revision, status, deployed } = await player.facts()
    assert.deepEqual([revision, status, deployed], [2, 'failed', 1])
  })

  for (const helm of ['helm3', 'helm4'])
    test(`that ${helm} is still at work on is waited for`, async (context) => {
      const player = await play(context, helm)
      await player.run('helm install treasure ./chest')
      const upgrade = player.run('helm upgrade treasure ./chest --set slow=true --timeout 5s').catch(String)
      const looked = await until('the upgrade', 20, async () => {
        const look = await player.look()
        return 'pending' in look && look
      })
      assert.equal(looked.facts.status, 'pending-upgrade')
      assert.match(looked.why.en, /still at work on treasure/)
      assert.match(looked.why.fr ?? '', /travaille encore sur treasure/)
      assert.match(await upgrade, /timed out|timeout|deadline/)
      assert.ok(!('pending' in (await player.look())))
    })

  for (const [helm, first, broken, command] of [
    ['helm3', 'true', 'install', 'helm uninstall treasure'],
    ['helm4', 'helm install treasure ./chest', 'upgrade', 'helm rollback treasure 1'],
  ] as const)
    test(`that a killed ${helm} left in the middle of its ${broken} is told with what clears it up`, async (context) => {
      const player = await play(context, helm)
      await player.run(first)
      const slow = broken === 'install' ? '--wait' : '--set slow=true'
      const isPending = `kubectl get secrets -l owner=helm,status=pending-${broken} -o name | grep -q .`
      await player.run(
        `${helm} -n ${player.name} ${broken} treasure ./chest ${slow} > /dev/null 2>&1 & pid=$!; until ${isPending}; do sleep 0.2; done; sleep 1; kill -9 $pid`,
      )
      const looked = await until('a verdict', 60, async () => {
        const look = await player.look()
        return !('pending' in look) && look
      })
      const { status, problems } = looked.facts
      assert.equal(status, `pending-${broken}`)
      const [one] = problems
      assert.ok(one?.code === 'broken-off' && one.text.fr !== one.text.en)
      assert.ok(one.text.en.includes(`nothing moves: helm broke off. Clear it up (${command})`), one.text.en)
      await player.run(command)
      assert.deepEqual((await player.facts()).problems, [])
    })

  test('that helm changes while it is looked at is looked at again, not held against the player', async (context) => {
    const player = await play(context)
    await player.run('helm install treasure ./chest')
    let upgraded: Promise<unknown> | undefined
    const get: typeof player.reader.get = async (...what) => {
      await (upgraded ??= player.run('helm upgrade treasure ./chest --set gold=2'))
      return player.reader.get(...what)
    }
    const looked = await player.look({ live: true }, { ...player.reader, get })
    assert.equal(looked.facts.live?.every(isWell), false)
    assert.ok('pending' in looked)
    assert.ok(!('pending' in (await player.look({ live: true }))))
  })

  test('that another player made does not count when its Secret is copied', async (context) => {
    const [tara, tom] = [await play(context), await play(context)]
    await tara.run('helm install treasure ./chest')
    const [secret] = (await tara.reader.list(secrets, { labelSelector: 'owner=helm' }, signal)).items
    assert.ok(secret)
    const { name, labels = {} } = secret.metadata
    await applyObjects(tom.kubeconfig, [{ ...secret, metadata: { name, labels, namespace: tom.name } }])
    await assert.rejects(tom.facts(), blames(/namespace is “.*”, its content says/))
  })

  test('that unpacks to far more than the bound is refused', async (context) => {
    const player = await play(context)
    const data = { release: base64(base64(zeros(512))) }
    const stored = storedRelease(releaseJson({ namespace: player.name }), { data })
    await applyObjects(player.kubeconfig, [stored])
    await assert.rejects(player.facts(), blames(/unpacks to more than 16777216 bytes/))
  })

  test('with more revisions than Helm ever keeps is refused, and others do not stand in its way', async (context) => {
    const player = await play(context)
    const store = async (release: string, count: number) => {
      const revisions = Array.from({ length: count }, (_, index) =>
        storedRelease(releaseJson({ name: release, namespace: player.name, version: index + 1 })),
      )
      const gate = createGate(8)
      await Promise.all(revisions.map((one) => gate.pass('', () => applyObjects(player.kubeconfig, [one]))))
    }
    await store('other', mostRevisions + 1)
    await store('treasure', 2)
    assert.equal((await player.facts({ history: true })).history?.length, 2)
    await assert.rejects(player.facts({ release: 'other' }), blames(/too many or too large revisions/))
  })
})
