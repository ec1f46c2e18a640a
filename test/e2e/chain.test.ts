import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { packageRoot } from '../../src/lib/root.ts'
import { lacksTools, tool } from '../helpers/board/tools.ts'
import {
  done,
  lacksNodeGame,
  packLayout,
  startNodeGame,
  type NodeGame,
  type NodePlayer,
} from '../helpers/node-registry.ts'
import { until } from '../helpers/until.ts'

const revision = 'org.opencontainers.image.revision'
const files = {
  'Chart.yaml': 'apiVersion: v2\nname: pack\nversion: 0.1.0\n',
  'values.yaml': 'image: { repository: none, digest: none }\nrun: ""\n',
  // `run` runs another image than the one that the values name.
  'templates/pack.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: { name: pack }
spec:
  selector: { matchLabels: { app: pack } }
  template:
    metadata: { labels: { app: pack } }
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 0
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: pack
          image: "{{ .Values.image.repository }}@{{ .Values.run | default .Values.image.digest }}"
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`,
}

interface Submission {
  status: string
  verdict: string | null
  checks: { findings: { ok: boolean | null; message: string }[] }[]
}

describe('A chain from a commit to a pod', { skip: lacksNodeGame() || lacksTools('helm4') }, () => {
  let game: NodeGame
  let tara: NodePlayer

  before(async () => {
    game = await startNodeGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-chain') })
    tara = await game.join()
    for (const [path, content] of Object.entries(files)) {
      const file = join(tara.shell.folder, 'chart', path)
      await mkdir(join(file, '..'), { recursive: true })
      await writeFile(file, content)
    }
  })
  after(() => game.close())

  const commit = async (): Promise<string> => {
    const clone = `[ -d work ] || git clone -q ${game.cloneUrl(tara, 'chain')} work`
    const change = 'cd work && date +%N > change && git add . && git commit -qm change && git push -q'
    return (await done(tara.shell, `${clone}; ${change} && git rev-parse HEAD`)).trim()
  }
  const push = async (word: string, head: string) =>
    (await tara.push('pack:1.0', await packLayout(word, { [revision]: head }))).manifest.digest
  const upgrade = (digest: string, more = '') =>
    done(
      tara.shell,
      `${tool('helm4')} upgrade --install pack chart --kubeconfig ${tara.kubeconfig} --set image.repository=${game.host}/${tara.slug}/pack --set image.digest=${digest} ${more}`,
    )
  /** What stops the newest submission; empty where it passed. */
  const stops = async (): Promise<string> => {
    await fetch(`${game.url}/api/v1/challenges/chain/submissions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tara.token}` },
    })
    const { rows } = (await tara.get('/submissions')) as { rows: { id: string }[] }
    const one = (await tara.get(`/submissions/${rows[0]?.id ?? ''}?wait=30`)) as Submission
    if (one.verdict === 'passed') return ''
    return (
      one.checks.flatMap(({ findings }) => findings.find(({ ok }) => ok === false)?.message ?? [])[0] ??
      one.status
    )
  }
  const stopsAt = (wanted: string) => until(`"${wanted}"`, 60, stops, (seen) => seen === wanted)

  test('holds only while each link names the next one', async () => {
    const first = await commit()
    const old = await push('first', first)
    await upgrade(old)
    const head = await commit()
    await stopsAt('It is not built from your commit.')
    const digest = await push('second', head)
    await stopsAt('The values name another image.')
    await upgrade(digest, `--set run=${old}`)
    await stopsAt('The pods run another image.')
    await upgrade(digest)
    // Nobody sends anything: the release itself is the last link.
    const isSolved = async () => {
      const { state } = (await tara.get('/challenges/chain')) as { state: string }
      return state === 'solved'
    }
    await until('the release to solve the stage', 60, isSolved)
  })
})
