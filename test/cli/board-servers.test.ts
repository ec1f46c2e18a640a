import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { listWorkspaces } from '../../src/cli/board/list.ts'
import { sweep } from '../../src/cli/board/sweep.ts'
import { teardown } from '../../src/cli/board/teardown.ts'
import { newProofId } from '../../src/core/owner.ts'
import { workspaceRow } from '../../src/db/workspaces.ts'
import { oursOf } from '../../src/game/workspaces/found-namespaces.ts'
import { ownerIn } from '../../src/game/clusters.ts'
import { leave } from '../../src/game/people/leave.ts'
import { clusterWorkspace, playerKubeconfig } from '../../src/game/workspaces/workspace.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksBoard, openBoard } from '../helpers/board.ts'
import { kubectlWith, type Kubectl } from '../helpers/board/kubectl.ts'
import { lacksTools } from '../helpers/board/tools.ts'
import {
  startClusterGame,
  testBudget,
  turnWorkspace,
  uniqueName,
  type ClusterGame,
} from '../helpers/cluster.ts'
import { openFolder } from '../helpers/serve.ts'
import { until } from '../helpers/until.ts'

const mark = 'shambhala.dev/server'
const ready = ({ state }: { state: string }) => state === 'ready'

describe(
  'two servers that run the same hunt on one cluster',
  { skip: lacksBoard() || lacksTools('kubectl') },
  () => {
    let folder: string
    let hunt: string
    let kubectl: Kubectl
    let event: ClusterGame
    let rehearsal: ClusterGame
    before(async () => {
      kubectl = kubectlWith((await openBoard()).kubeconfig)
      folder = await mkdtemp(join(tmpdir(), 'shambhala-two-servers-'))
      hunt = uniqueName()
      await cp(join(packageRoot(), 'test', 'fixtures', 'hunt-cluster'), folder, { recursive: true })
      const file = join(folder, 'hunt.yaml')
      await writeFile(file, `id: ${hunt}\n${await readFile(file, 'utf8')}`)
      event = await startClusterGame({ challenges: folder })
      rehearsal = await startClusterGame({ challenges: folder })
    })
    after(async () => {
      await event.close()
      await rehearsal.close()
      await rm(folder, { recursive: true, force: true })
    })

    afterEach(async () => {
      for (const one of [event, rehearsal]) await says(one, 'teardown')
    })

    const markOf = (namespace: string) =>
      kubectl(
        'get',
        'namespace',
        namespace,
        '-o',
        `jsonpath={.metadata.labels.${mark.replaceAll('.', '\\.')}}`,
      )

    /** What a verb of this server says, and what it answers. */
    async function says(
      { game, cluster }: ClusterGame,
      verb: 'list' | 'sweep' | 'teardown',
      options: { dryRun?: boolean; foreign?: boolean } = {},
    ): Promise<{ ok: boolean; lines: string[] }> {
      const ours = await oursOf(game.sql, hunt, game.secret)
      const opened = { sql: game.sql, ours, clusters: [{ name: 'main', cluster, fault: null }] }
      const lines: string[] = []
      const terminal = { say: (line: string) => void lines.push(line), ask: null }
      const given = { wait: 60, yes: true, ...options }
      if (verb === 'list') await listWorkspaces(opened, terminal, 'text')
      const ok = verb === 'list' || (await (verb === 'sweep' ? sweep : teardown)(opened, terminal, given))
      return { ok, lines }
    }

    /** A namespace of a server that no workspace knows. */
    async function leaveOver(game: ClusterGame, owner = ownerIn(game.game)): Promise<string> {
      const slug = uniqueName()
      const name = `hunt-${slug}`
      await game.cluster.ensure({ name, slug, ...owner, environment: '', budget: testBudget })
      return name
    }

    async function names(): Promise<string[]> {
      const found = await event.cluster.namespaces({ hunt })
      return found.filter(({ terminating }) => !terminating).map(({ name }) => name)
    }

    async function settle(game: ClusterGame, name = uniqueName()) {
      const player = await game.register(name)
      await game.untilWorkspace(player.playerId, ready)
      return { ...player, namespace: `hunt-${player.slug}` }
    }

    /** Whose a namespace is, and all in it that no controller touches. */
    const stateOf = async (namespace: string) => {
      const each = '{range .items[*]}{.kind} {.metadata.uid} {.metadata.resourceVersion}{"\\n"}{end}'
      return [
        await kubectl('get', 'namespace', namespace, '-o', 'jsonpath={.metadata.uid}{.metadata.labels}'),
        await kubectl(
          ...['-n', namespace, 'get', 'serviceaccounts,rolebindings,networkpolicies,limitranges'],
          ...['-o', `jsonpath=${each}`],
        ),
      ].join('\n')
    }

    test('a namespace of the other is neither taken over, changed, opened nor deleted with its namesake’s', async () => {
      const tara = await settle(event)
      const before = await stateOf(tara.namespace)
      assert.equal(await markOf(tara.namespace), event.game.server)
      assert.notEqual(event.game.server, rehearsal.game.server)

      const namesake = await rehearsal.register(tara.slug)
      const row = await rehearsal.untilWorkspace(namesake.playerId, ({ state }) => state === 'failed')
      const told = `namespace ${tara.namespace} belongs to another server that runs the hunt ${hunt} (${event.game.server})`
      assert.ok(row.reason?.startsWith(told), row.reason ?? '')
      const page = await clusterWorkspace(rehearsal.game, namesake)
      assert.deepEqual([page?.state, page?.nextTry !== null], ['failed', true], 'the page blames the player')

      const expiresAt = new Date(Date.now() + 3_600_000)
      await turnWorkspace(rehearsal.game.sql, namesake.playerId, {
        state: 'ready',
        step: null,
        reason: null,
        expiresAt,
      })
      await rehearsal.untilWorkspace(namesake.playerId, ({ reason }) => reason?.startsWith(told) === true)
      await assert.rejects(playerKubeconfig(rehearsal.game, namesake), /belongs to another server/)
      const wanted = { name: tara.namespace, slug: tara.slug, environment: '', budget: testBudget }
      await assert.rejects(
        rehearsal.cluster.revoke({ ...wanted, ...ownerIn(rehearsal.game) }),
        /belongs to another server/,
      )

      await leave(rehearsal.game, namesake)
      const isLeft = async () => !(await workspaceRow(rehearsal.game.sql, namesake.playerId))
      await until('the end of the namesake’s workspace', 30, isLeft)
      assert.equal(await stateOf(tara.namespace), before)
    })

    test('of two that make the same namespace at once, one learns that it came second', async () => {
      for (let round = 0; round < 5; round += 1) {
        const slug = uniqueName()
        const name = `hunt-${slug}`
        const made = await Promise.allSettled(
          [event, rehearsal].map((one) =>
            one.cluster.ensure({
              name,
              slug,
              ...ownerIn(one.game),
              environment: '',
              budget: testBudget,
            }),
          ),
        )
        const whose = await markOf(name)
        assert.deepEqual(
          made.map(({ status }) => status),
          [event, rehearsal].map(({ game }) => (game.server === whose ? 'fulfilled' : 'rejected')),
        )
      }
    })

    test('each lists, sweeps and tears down its own; --foreign takes the other’s', async () => {
      const tara = await settle(event)
      const milo = await settle(rehearsal)
      const lost = await leaveOver(event)
      const proof = await leaveOver(event, { hunt: newProofId(), server: event.game.server })
      const lostThere = await leaveOver(rehearsal)
      const apart = `of another server (${rehearsal.game.server})`

      const listed = (await says(event, 'list')).lines.slice(1).sort()
      assert.deepEqual(
        listed.filter((line) => /^(leftover|foreign)/.test(line)),
        [
          ...[milo.namespace, lostThere].map((name) => `foreign  main/${name}: ${apart}`),
          `leftover main/${lost}: no workspace knows it`,
          `leftover main/${proof}: a proof made it`,
        ].sort(),
      )
      const kept =
        'Left alone: 2 of another server that runs this hunt; see "board list". Take them down there; if its database and secret are lost, "board sweep --foreign" deletes them.'
      const dry = await says(event, 'sweep', { dryRun: true })
      assert.deepEqual(dry.lines, [`main/${lost}`, `main/${proof}`, '2 would be deleted', kept])
      const swept = await says(event, 'sweep')
      assert.equal(swept.ok, true)
      assert.deepEqual(
        swept.lines.sort(),
        [kept, `deleted  main/${lost}`, `deleted  main/${proof}`, 'deleted 2, left 0'].sort(),
      )
      assert.deepEqual((await names()).sort(), [tara.namespace, milo.namespace, lostThere].sort())

      const torn = await says(event, 'teardown')
      assert.deepEqual(
        [torn.ok, ...torn.lines],
        [true, `deleted  main/${tara.namespace}`, 'deleted 1, left 0', kept],
      )
      assert.deepEqual((await names()).sort(), [milo.namespace, lostThere].sort())

      const foreign = await says(event, 'sweep', { foreign: true })
      assert.equal(foreign.lines.at(-1), 'deleted 2, left 0')
      assert.deepEqual(await event.cluster.namespaces({ hunt }), [])
    })

    test('a namespace that an earlier version made is this server’s, and is marked at its next turn', async () => {
      const tara = await settle(event)
      const { version } = (await workspaceRow(event.game.sql, tara.playerId)) ?? assert.fail()
      await kubectl('label', 'namespace', tara.namespace, `${mark}-`)
      assert.equal(await markOf(tara.namespace), '')
      await turnWorkspace(event.game.sql, tara.playerId)
      await event.untilWorkspace(tara.playerId, (row) => row.version > version + 1)
      assert.equal(await markOf(tara.namespace), event.game.server)

      const old = await leaveOver(event)
      await kubectl('label', 'namespace', old, `${mark}-`)
      const swept = await says(event, 'sweep')
      assert.ok(swept.lines.includes(`deleted  main/${old}`), swept.lines.join('\n'))
    })

    test('a player can neither change the mark nor write one', async () => {
      const tara = await settle(event)
      const config = join(folder, 'tara.kubeconfig')
      await writeFile(config, (await playerKubeconfig(event.game, tara)).text, { mode: 0o600 })
      const asPlayer = kubectlWith(config)
      const other = `${mark}=${rehearsal.game.server}`
      await assert.rejects(
        asPlayer('label', '--overwrite', 'namespace', tara.namespace, other),
        /namespaces .* is forbidden/,
      )
      await asPlayer('create', 'configmap', 'mine')
      await assert.rejects(asPlayer('label', 'configmap', 'mine', other), /are the game master’s/)
      assert.equal(await markOf(tara.namespace), event.game.server)
    })

    test('the command line knows the server by its database, whatever secret it is given', async (context) => {
      const own = await leaveOver(event)
      const lost = await leaveOver(rehearsal)
      const { command } = await openFolder(context)
      const { boardFile = '' } = event.game.config
      const settings = { CHALLENGES_DIR: folder, BOARD_FILE: boardFile, DATABASE_URL: event.database.url }
      const kept = await command(['board', 'sweep', '--dry-run'], settings)
      assert.match(
        kept.out,
        new RegExp(`^main/${own}\n1 would be deleted\nLeft alone: 1 of another server`),
        kept.errors,
      )
      const taken = await command(['board', 'sweep', '--foreign'], settings)
      const gone = [own, lost].sort().map((name) => `deleted  main/${name}`)
      assert.deepEqual(
        taken.out.trim().split('\n').sort(),
        [...gone, 'deleted 2, left 0'].sort(),
        taken.errors,
      )
    })
  },
)
