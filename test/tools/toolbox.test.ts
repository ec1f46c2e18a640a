import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { packageRoot } from '../../src/lib/root.ts'
import { withLock } from '../helpers/board.ts'
import { findVersion, lacksDistribution } from '../helpers/board/distribution.ts'
import { run } from '../helpers/board/run.ts'
import { readLayout } from '../helpers/board/shipped.ts'
import { lacksTools } from '../helpers/board/tools.ts'
import { lacksNode, openNode } from '../helpers/node.ts'
import { startRegistryGame, type RegistryGame } from '../helpers/registry.ts'

/** Shared with the test of the server's image, and kept for the bases in it, which take longer than all the rest. */
const folder = join(tmpdir(), `shambhala-images-${userInfo().username}`)
const toolbox = join(folder, 'toolbox')
const image = 'toolbox.local/toolbox'
const inTime = () => AbortSignal.timeout(60_000)

function lacksToolbox(): string | false {
  return lacksTools('buildah', 'debootstrap', 'go') || lacksNode() || lacksDistribution()
}

void describe('The toolbox', { skip: lacksToolbox() }, () => {
  let work: string
  let game: RegistryGame
  let ctr: (...args: string[]) => Promise<string>
  before(async () => {
    await mkdir(folder, { recursive: true })
    await withLock(join(folder, 'lock-toolbox'), () =>
      run(join(packageRoot(), 'tools', 'images'), [folder, 'toolbox']),
    )
    work = await mkdtemp(join(tmpdir(), 'shambhala-toolbox-'))
    const { node } = await openNode()
    // Beside the images of pods, which the kubelet tidies.
    ctr = (...args) => run('ctr', ['--address', node.socket, '--namespace', 'toolbox', ...args])
    const archive = join(work, 'image.tar')
    await run('tar', ['--create', '--file', archive, '--directory', toolbox, '.'])
    await ctr('images', 'import', '--base-name', image, archive)
    game = await startRegistryGame(findVersion() ?? '3')
  })
  after(async () => {
    await game.close()
    for (const name of (await ctr('images', 'list', '--quiet')).split('\n').filter(Boolean))
      await ctr('images', 'remove', name)
    await rm(work, { recursive: true })
  })

  /** What a script says in a container of it, which runs as `docker run` would with the same options. */
  const inside = async (name: string, script: string, options: readonly string[]) => {
    await writeFile(join(work, name), `set -eu\n${script}\n`)
    const mount = `type=bind,src=${join(work, name)},dst=/script,options=rbind:ro`
    const [reference = ''] = (await ctr('images', 'list', '--quiet')).split('\n')
    return await ctr(
      ...['run', '--rm', '--net-host', '--mount', mount, ...options],
      ...[reference, `${name}-${process.pid}`, 'bash', '/script'],
    )
  }
  /** What user namespaces and their files take. */
  const rights = ['CAP_CHOWN', 'CAP_SETUID', 'CAP_SETGID', 'CAP_SYS_CHROOT', 'CAP_SETFCAP']
  /** Rights as containers have them where nobody asked for more. */
  const usual = ['--seccomp']
  /** What docs/images.md asks for, so that buildah may make user namespaces. */
  const forBuildah = ['--allow-new-privs']

  void test('has every program that players are promised, for a user who is nobody and stays so', async () => {
    const { config } = await readLayout(toolbox)
    assert.equal(config.User, '1000:1000')
    const said = await inside(
      'look',
      `id -un; pwd; touch mine
       find / -xdev -type f -perm /6000 2> /dev/null | sed 's/^/privileged: /' || true
       find / -xdev -writable ! -type l ! -path '/home/player*' 2> /dev/null | sed 's/^/writable: /' || true
       git --version; kubectl version --client; helm version; helm3 version; buildah --version; skopeo --version; crane version; jq --version; curl --version; less --version; nano --version`,
      usual,
    )
    assert.match(said, /^player\n\/home\/player\n/)
    for (const program of [
      /^git version 2/m,
      /^Client Version: v1\./m,
      /"v4\./,
      /"v3\./,
      /^buildah version/m,
      /^skopeo version/m,
      /^jq-1\./m,
      /^v0\.\d+\.\d+$/m,
      /^curl /m,
      /^less /m,
      /GNU nano/,
    ])
      assert.match(said, program)
    assert.doesNotMatch(said, /^privileged: /m)
    assert.deepEqual(said.match(/^writable: .*/gm)?.toSorted(), ['writable: /tmp', 'writable: /var/tmp'])
  })

  void test('builds an image with buildah, running a step of it, and one log-in pushes it and a chart to the path of the player', async () => {
    const tara = await game.register('Tara')
    const path = `${game.host}/${tara.slug}/pack`
    const said = await inside(
      'build',
      `mkdir pack; cd pack; cp /usr/local/bin/crane .
       printf 'FROM scratch\\nCOPY crane /\\nRUN ["/crane", "version"]\\nUSER 65532\\n' > Dockerfile
       buildah login --tls-verify=false --username ${tara.slug} --password ${tara.token} ${game.host}
       buildah build --tag ${path}:1.0 .
       buildah push --tls-verify=false ${path}:1.0
       crane config --insecure ${path}:1.0
       cd; helm create chart > /dev/null; helm package chart
       helm push --plain-http chart-0.1.0.tgz oci://${game.host}/${tara.slug}/charts`,
      forBuildah,
    )
    assert.match(said, /STEP 3\/4: RUN \["\/crane", ?"version"\]\nv0\./)
    assert.match(said, /"User":"65532"/)
    const images = game.registry.images(tara.slug)
    assert.ok(await images.manifest('pack', '1.0', inTime()), 'of buildah')
    assert.ok(await images.manifest('charts/chart', '0.1.0', inTime()), 'of helm, by the log-in of buildah')
  })

  void test('builds and pushes with crane where a container is given no right at all', async () => {
    const milo = await game.register('Milo')
    const path = `${game.host}/${milo.slug}/pack:1.0`
    await inside(
      'append',
      `echo water > bottle; tar --create --file layer.tar bottle
       crane auth login --username ${milo.slug} --password ${milo.token} ${game.host}
       crane append --insecure --oci-empty-base --new_layer layer.tar --new_tag ${path}
       crane mutate --insecure --user 65532 ${path}`,
      [...usual, ...rights.flatMap((right) => ['--cap-drop', right])],
    )
    const images = game.registry.images(milo.slug)
    assert.ok(await images.manifest('pack', '1.0', inTime()))
  })
})

/** What development containers know of, as far as the hunt uses it: a field that they do not know would be passed over in silence. */
const developmentContainer = z.strictObject({
  name: z.string(),
  image: z
    .string()
    .regex(/^\$\{localEnv:[A-Z_]+:[a-z-]+\}$/, 'a variable of the machine, or what is built here'),
  remoteUser: z.literal('player'),
  runArgs: z.array(z.string().regex(/^--security-opt=/)),
})

void test('an editor opens the toolbox with the options that the documentation names for buildah', async () => {
  const file = join(packageRoot(), '.devcontainer', 'devcontainer.json')
  // They allow comments, and no comma after the last field.
  const text = (await readFile(file, 'utf8')).replaceAll(/^\s*\/\/.*$/gm, '')
  const { runArgs, image: name } = developmentContainer.parse(JSON.parse(text))
  const documentation = await readFile(join(packageRoot(), 'docs', 'images.md'), 'utf8')
  for (const one of runArgs)
    assert.ok(documentation.includes(one.replace('=s', ' s').replace('=a', ' a')), one)
  assert.ok(documentation.includes(`--tag ${name.split(':')[2]?.replace('}', '') ?? ''} `))
})
