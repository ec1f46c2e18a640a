import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import { lacksBoard } from '../../helpers/board.ts'
import { openPlayer, type BoardPlayer } from '../../helpers/board/player.ts'
import { run } from '../../helpers/board/run.ts'
import { lacksTools, tool } from '../../helpers/board/tools.ts'
import { deployment, ingress, job, object, service } from '../../helpers/board/written.ts'

/** A chart with what most have: an account, settings, a workload, a way in, and a hook. */
async function chart(dir: string, slug: string): Promise<string> {
  const root = join(dir, 'chart')
  await mkdir(join(root, 'templates'), { recursive: true })
  await writeFile(join(root, 'Chart.yaml'), stringify({ apiVersion: 'v2', name: 'web', version: '1.0.0' }))
  await writeFile(join(root, 'values.yaml'), stringify({ greeting: 'hello' }))
  const templates = [
    object('v1', 'ServiceAccount', {}),
    object('v1', 'ConfigMap', { data: { greeting: '{{ .Values.greeting }}' } }),
    object('v1', 'Secret', { stringData: { word: 'sesame' } }),
    service({}),
    deployment('busybox'),
    ingress(`${slug}.play.example.org`),
    { ...job('busybox'), metadata: { name: 'test', annotations: { 'helm.sh/hook': 'test' } } },
  ]
  await writeFile(join(root, 'templates', 'all.yaml'), templates.map((one) => stringify(one)).join('---\n'))
  return root
}

async function kubeconfigOf({ admin, token, namespace }: BoardPlayer, dir: string): Promise<string> {
  const cluster = { server: admin.server, 'certificate-authority-data': admin.authority }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'hunt',
    clusters: [{ name: 'hunt', cluster }],
    users: [{ name: 'player', user: { token } }],
    contexts: [{ name: 'hunt', context: { cluster: 'hunt', user: 'player', namespace } }],
  }
  const path = join(dir, 'kubeconfig')
  await writeFile(path, stringify(config), { mode: 0o600 })
  return path
}

async function scene(context: TestContext, program: string) {
  const { player, close } = await openPlayer()
  const dir = await mkdtemp(join(tmpdir(), 'player-helm-'))
  context.after(async () => {
    await rm(dir, { recursive: true, force: true })
    await close()
  })
  const kubeconfig = await kubeconfigOf(player, dir)
  const from = await chart(dir, player.slug)
  return {
    player,
    from,
    helm: (...args: string[]) => run(tool(program), [...args, '--kubeconfig', kubeconfig]),
  }
}

describe(
  'Helm with a player’s kubeconfig',
  { skip: lacksBoard() || lacksTools('helm3', 'helm4'), concurrency: true },
  () => {
    for (const program of ['helm3', 'helm4'])
      test(`${program} installs, upgrades, rolls back and removes a release`, async (context) => {
        const { player, from, helm } = await scene(context, program)
        const greeting = async () => {
          const map = await player.playerObjects.get(
            { apiVersion: 'v1', kind: 'ConfigMap' },
            'web',
            player.namespace,
          )
          return (map?.['data'] as { greeting?: string } | undefined)?.greeting
        }
        await helm('install', 'first', from)
        assert.equal(await greeting(), 'hello')
        await helm('upgrade', 'first', from, '--set', 'greeting=namaste')
        assert.equal(await greeting(), 'namaste')
        await helm('rollback', 'first', '1')
        assert.equal(await greeting(), 'hello')
        assert.equal((JSON.parse(await helm('history', 'first', '-o', 'json')) as unknown[]).length, 3)
        await helm('uninstall', 'first')
        assert.equal(await greeting(), undefined)
      })

    test('a release with a NodePort fails with the reason that the policy gives', async (context) => {
      const { from, helm } = await scene(context, 'helm4')
      await writeFile(
        join(from, 'templates', 'open.yaml'),
        stringify({ ...service({ type: 'NodePort' }), metadata: { name: 'open' } }),
      )
      await assert.rejects(helm('install', 'open', from), /spec\.type must be ClusterIP, not NodePort/)
    })
  },
)
