import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import type { Cluster } from '../../src/board/cluster/types.ts'
import { ownerIn } from '../../src/game/clusters.ts'
import type { Registered } from '../../src/game/people/register.ts'
import { lacksBoard, openBoard } from '../helpers/board.ts'
import { lacksBrowser, launch, visit } from '../helpers/browser.ts'
import { boardFor, startClusterGame, uniqueName, type ClusterGame } from '../helpers/cluster.ts'
import { password } from '../helpers/game.ts'
import { openJar, type Jar, type Page } from '../helpers/jar.ts'
import { openShell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

const skip = lacksBoard()
let game: ClusterGame

before(async () => {
  if (!skip) game = await startClusterGame()
})
after(async () => {
  if (!skip) await game.close()
})

async function joined(language: 'en' | 'fr' = 'en'): Promise<{ player: Registered; name: string; jar: Jar }> {
  const name = uniqueName()
  const player = await game.register(name, language)
  await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready')
  return { player, name, jar: await openJar(game.url, name) }
}

async function untilPage(jar: Jar, path: string, wanted: RegExp, seconds = 60): Promise<Page> {
  return await until(
    `${path} to say ${wanted.source}`,
    seconds,
    () => jar.get(path),
    ({ text }) => wanted.test(text),
    100,
  )
}

/** Does something while the server's cluster behaves otherwise. */
async function withCluster(otherwise: Partial<Cluster>, work: () => Promise<void>): Promise<void> {
  const all = game.game.board.cluster?.all as Map<string, Cluster>
  const real = all.get('main')
  assert.ok(real)
  all.set('main', { ...real, ...otherwise })
  try {
    await work()
  } finally {
    all.set('main', real)
  }
}

/** Fetches the kubeconfig as the page says, and gives a shell in which it is set. */
async function terminalOf(player: Registered, page: Page) {
  const [, lines = ''] = /aria-label="[^"]*kubeconfig"><code>([^<]*)/.exec(page.html) ?? []
  const decoded = lines.replaceAll('&quot;', '"').replaceAll('&gt;', '>').replaceAll('&#x3D;', '=')
  const shell = openShell()
  const fetched = await shell.run(decoded, { TOKEN: player.token })
  assert.equal(fetched.code, 0, fetched.stderr)
  const KUBECONFIG = `${shell.folder}/hunt.kubeconfig`
  return { run: (command: string) => shell.run(command, { KUBECONFIG }), remove: () => shell.remove() }
}

test(
  'the map says where the namespace is, and its lines fetch a kubeconfig that works',
  { skip },
  async () => {
    const { player, jar } = await joined()
    const map = await jar.get('/map')
    assert.match(map.text, new RegExp(`Namespace hunt-${player.slug} , done`))
    assert.match(map.text, /Isolation probe , done/)
    assert.match(map.text, new RegExp(`Host names end with \\.${player.slug}\\.play\\.test`))
    const terminal = await terminalOf(player, map)
    assert.equal((await terminal.run('kubectl create configmap bell')).code, 0)
    terminal.remove()
  },
)

test('the kubeconfig can be downloaded by the button, and by nobody else', { skip }, async () => {
  const { player, jar } = await joined()
  const file = await jar.get('/workspace/kubeconfig')
  assert.equal(file.headers.get('content-disposition'), `attachment; filename=hunt-${player.slug}.kubeconfig`)
  assert.equal(file.headers.get('cache-control'), 'no-store')
  const config = parse(file.html) as { contexts: { context: { namespace: string } }[] }
  assert.equal(config.contexts[0]?.context.namespace, `hunt-${player.slug}`)
  const stranger = await fetch(`${game.url}/workspace/kubeconfig`, { redirect: 'manual' })
  assert.equal(stranger.headers.get('location'), '/login?next=%2Fworkspace%2Fkubeconfig')
})

test('what is used of the quota stands beside what there is', { skip }, async () => {
  const { player, jar } = await joined()
  const terminal = await terminalOf(player, await jar.get('/workspace'))
  await terminal.run('kubectl create configmap one && kubectl create configmap two')
  // The cluster's own ConfigMap counts too.
  const page = await untilPage(jar, '/workspace', /ConfigMaps 3 of 20/)
  assert.match(page.text, /Memory \(limits\) 0 of 1Gi/)
  assert.match(page.html, /<meter min="0" max="20" value="3" high="16" optimum="0" aria-labelledby="[^"]+"/)
  terminal.remove()
})

test(
  'a cluster that does not answer takes the quota from the page, and nothing from the map',
  { skip },
  async () => {
    const { jar } = await joined()
    await withCluster({ quota: () => new Promise(() => undefined) }, async () => {
      const page = await jar.get('/workspace')
      assert.equal(page.status, 200)
      assert.match(page.text, /The cluster does not answer right now/)
      assert.match((await jar.get('/map')).text, /Isolation probe , done/)
    })
  },
)

test('Renew gives the namespace another whole life', { skip }, async () => {
  const { player, jar } = await joined()
  const soon = new Date(Date.now() + 3_600_000)
  await game.game
    .sql`update workspaces set state = 'expiring', expires_at = ${soon} where player_id = ${player.playerId}`
  assert.match((await jar.get('/map')).text, /That is soon\./)
  const page = await jar.send(await jar.get('/workspace'), '/workspace/renew')
  assert.match(page.text, /Your namespace has another whole life before it/)
  assert.doesNotMatch(page.text, /That is soon\./)
  const { expiresAt } = await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready')
  assert.ok(expiresAt && expiresAt.getTime() > Date.now() + 13 * 86_400_000)
})

test('a reset says what is lost, wants the name, and begins anew', { skip }, async () => {
  const { player, jar } = await joined('fr')
  const page = await jar.get('/workspace')
  assert.match(page.text, /Tout ce qui est dans ton namespace est supprimé pour de bon/)
  const refused = await jar.send(page, '/workspace/reset', { namespace: 'hunt-other' })
  assert.equal(refused.status, 422)
  assert.match(refused.text, /Ce n’est pas le nom de ton namespace/)
  const begun = await jar.send(refused, '/workspace/reset', { namespace: `hunt-${player.slug}` })
  assert.match(begun.text, /On recommence/)
  assert.match((await jar.get('/workspace/kubeconfig')).text, /n’est pas encore prêt pour cela/)
  await untilPage(jar, '/map', /Épreuve d’isolation , fait/, 180)
})

test('a form from another place does nothing', { skip }, async () => {
  const { player, jar } = await joined()
  const page = await jar.get('/workspace')
  const forged = await jar.send(page, '/workspace/reset', {
    namespace: `hunt-${player.slug}`,
    _csrf: 'forged',
  })
  assert.equal(forged.status, 403)
  await game.untilWorkspace(player.playerId, ({ state }) => state === 'ready')
})

test('the stage’s page says in plain words why what was installed does not run', { skip }, async () => {
  const { player, jar } = await joined()
  assert.doesNotMatch((await jar.get('/hunt/release')).text, /Why it does not run/)
  const terminal = await terminalOf(player, await jar.get('/map'))
  const made = await terminal.run('kubectl create deployment bell --image=board.local/bell:1')
  assert.equal(made.code, 0, made.stderr)
  const page = await untilPage(jar, '/hunt/release', /Why it does not run .*Deployment\/bell/)
  assert.match(page.html, /data-problem="pod-security"/)
  const fragment = await jar.get('/hunt/release?fragment=diagnosis')
  assert.match(fragment.text, /^ ?Why it does not run .*Deployment\/bell/)
  terminal.remove()
})

test('a diagnosis that takes long is left out, and the page comes all the same', { skip }, async () => {
  const { player, jar } = await joined()
  const terminal = await terminalOf(player, await jar.get('/map'))
  await terminal.run('kubectl create deployment bell --image=board.local/bell:1')
  await untilPage(jar, '/hunt/release', /Why it does not run/)
  const slow = (namespace: string, slug: string) => ({
    ...game.cluster.reader(namespace, slug),
    list: () => new Promise<never>(() => undefined),
  })
  await withCluster({ reader: slow }, async () => {
    const page = await jar.get('/hunt/release')
    assert.equal(page.status, 200)
    assert.doesNotMatch(page.text, /Why it does not run/)
  })
  terminal.remove()
})

test('who comes to a full cluster reads how many are before them', { skip }, async () => {
  const board = boardFor((await openBoard()).kubeconfig, { capacity: 1 })
  const full = await startClusterGame({ board })
  try {
    const names = [uniqueName(), uniqueName(), uniqueName()]
    const players: Registered[] = []
    for (const name of names) {
      const player = await full.register(name)
      const state = players.length === 0 ? 'ready' : 'waiting'
      await full.untilWorkspace(player.playerId, (row) => row.state === state)
      players.push(player)
    }
    const [, second, third] = await Promise.all(names.map((name) => openJar(full.url, name)))
    assert.match((await second?.get('/map'))?.text ?? '', /You are next\. The cluster is full\./)
    assert.match((await third?.get('/map?fragment=workspace'))?.text ?? '', /1 before you\./)
    assert.equal((await third?.get('/workspace/kubeconfig'))?.status, 409)
  } finally {
    await full.close()
  }
})

test(
  'the open map fills step by step without being loaded anew',
  { skip: skip || lacksBrowser },
  async () => {
    const browser = await launch()
    const { page, faults } = await visit(browser)
    const name = uniqueName()
    await page.goto(`${game.url}/join`)
    await page.fill('input[name=name]', name)
    await page.fill('input[name=password]', password)
    await page.click('main form[action="/join"] button[type=submit]')
    await page.locator('#workspace .way').first().waitFor()
    await page.evaluate('globalThis.kept = true')
    await page.locator(`#workspace [data-namespace="hunt-${name}"]`).waitFor()
    assert.equal(await page.locator('#workspace .way-done').count(), 2)
    assert.equal(await page.evaluate('globalThis.kept'), true)
    await page.locator('form[action="/workspace/renew"] button').click()
    await page.locator('.flash-success').waitFor()
    assert.deepEqual(faults, [])
    await browser.close()
    await game.cluster.remove(`hunt-${name}`, ownerIn(game.game))
  },
)
