import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { ForgeLimits } from '../../../src/board/forge/limits.ts'
import { hooksFolder } from '../../../src/board/forge/serve-process.ts'
import { hookTexts, words } from '../../../src/board/forge/words.ts'
import { asTara, evilTree, makeBombs, throwBomb } from '../../helpers/forge-attacks.ts'
import { cloneOf, smallStarter, startForge, type TestForge } from '../../helpers/forge.ts'
import type { TestRepository } from '../../helpers/repository.ts'

interface Refused {
  /** Lines of the terminal, as the server wrote them. */
  remote: string[]
  /** What Git says became of the refs. */
  status: string
}

type Push = (test: TestForge, options: readonly string[]) => Promise<Refused>

/** What pushes too much, the limit that it meets, and what a French player reads of it. */
interface Limit {
  what: string
  limits?: Partial<ForgeLimits>
  push: Push
  says: readonly RegExp[]
  status?: string
}

let bombs: TestRepository
before(() => (bombs = makeBombs()))
after(() => bombs.remove())

async function refused({ client }: TestForge, args: readonly string[], cwd = client.dir): Promise<Refused> {
  const { code, err } = await client.git(args, { cwd })
  assert.notEqual(code, 0, err)
  const remote = err.split(/[\r\n]+/).flatMap((line) => /^remote: (.*?)\s*$/.exec(line)?.[1] ?? [])
  return { remote, status: /\[remote rejected\] .*?\((.*)\)$/m.exec(err)?.[1] ?? '' }
}

const push =
  (refs: (sha: string) => readonly string[], files: Readonly<Record<string, string | Buffer>> = {}): Push =>
  async (test, options) => {
    const clone = await cloneOf(test, `clone-${randomBytes(4).toString('hex')}`)
    const sha = await test.client.commit(clone, { step: randomBytes(8), ...files })
    return await refused(test, ['push', ...options, 'origin', ...refs(sha)], clone)
  }

const bomb: Push = async (test, options) =>
  await refused(test, [
    '--git-dir',
    bombs.dir,
    'push',
    ...options,
    test.url(),
    'refs/heads/small:refs/heads/bomb',
  ])

const evil: Push = async (test, options) => {
  const { sha, repository } = evilTree('100644', '.git')
  try {
    const to = `${sha}:refs/heads/evil`
    return await refused(test, ['--git-dir', repository.dir, 'push', ...options, test.url(), to])
  } finally {
    repository.remove()
  }
}

const three = (sha: string) => ['a', 'b', 'c'].map((name) => `${sha}:refs/heads/${name}`)
const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f${n}`, `${n}${'x'.repeat(100_000)}`]))

const limits: Limit[] = [
  {
    what: 'of more refs at once than are taken',
    limits: { refsPerPush: 2 },
    push: push(three),
    says: [
      /^error: ce push déplace plus de 2 références$/,
      /^hint: pousse une branche à la fois, par exemple git push origin main$/,
    ],
    status: 'ce push déplace plus de 2 références',
  },
  {
    what: 'to a ref that is nobody’s to push',
    push: push((sha) => [`${sha}:refs/stash`]),
    says: [
      /^error: refs\/stash ne peut pas être poussé ici$/,
      /^hint: les branches, les tags et les notes le peuvent : /,
    ],
    status: 'refs/stash ne peut pas être poussé ici',
  },
  {
    what: 'that gives its repository too many refs',
    limits: { refs: 3 },
    push: push(three),
    says: [
      /^error: ce dépôt aurait plus de 3 références$/,
      /^hint: supprime celles dont tu n’as pas besoin, par exemple git push origin --delete NOM$/,
    ],
    status: 'ce dépôt aurait plus de 3 références',
  },
  {
    what: 'of too many bytes',
    limits: { pushBytes: 2 ** 20 },
    push: push(() => ['main'], { large: randomBytes(2 ** 21) }),
    says: [/^hint: un push peut avoir 1 Mio : laisse les gros fichiers de côté, ou pousse d’abord /],
  },
  {
    what: 'with a file that is too large',
    push: bomb,
    says: [
      /^error: un fichier de 30 Mio \([0-9a-f]{10}\) ; un fichier peut avoir 10 Mio$/,
      /^hint: son nom : git rev-list --objects --all \| grep [0-9a-f]{10}$/,
      /^hint: retire ce qui est trop grand des commits, pas seulement du dernier, puis pousse de nouveau$/,
    ],
  },
  {
    what: 'of too many objects',
    limits: { objects: 5 },
    push: push(() => ['main'], many),
    says: [/^error: \d+ objets dans un seul push ; 5 sont acceptés$/],
  },
  {
    what: 'that unpacks to too much',
    limits: { unpackedBytes: 2 ** 20 },
    push: push(() => ['main'], many),
    says: [/^error: ce push se décompresse en 1 Mio ; 1 Mio sont acceptés$/],
  },
  {
    what: 'over the quota of its repository',
    limits: { quotaBytes: 2 ** 21 },
    push: push(() => ['main'], { a: randomBytes(1_300_000), b: randomBytes(1_300_000) }),
    says: [
      /^error: ce dépôt prendrait 2 Mio ; il peut en prendre 2$/,
      /^hint: pousse moins de fichiers, ou de plus petits ; ce qui ne sert plus fait de la place deux heures plus tard, un quart d’heure après que tu as recommencé l’étape$/,
    ],
  },
  {
    what: 'that is malformed',
    push: evil,
    says: [
      /^hint: Git refuse cet objet : il est mal formé, ou dangereux pour qui le clone \(git cat-file -p le montre\)$/,
      /^hint: refais sans lui les commits qui le contiennent, puis pousse$/,
    ],
  },
]

describe('A French player reads in French why a push is refused', () => {
  for (const { what, limits: some, push: run, says, status } of limits)
    it(`${what}; in plain ASCII when asked`, async () => {
      const starter = smallStarter()
      const test = await startForge({ starter, language: 'fr', ...(some && { limits: some }) })
      try {
        const french = await run(test, [])
        for (const one of says)
          assert.ok(
            french.remote.some((line) => one.test(line)),
            french.remote.join('\n'),
          )
        if (status !== undefined) assert.equal(french.status, status)
        const plain = await run(test, ['-o', 'plain'])
        assert.match(plain.remote.join('\n') + plain.status, /^[\x20-\x7e\n]*$/)
        // Without accents, and otherwise the same.
        assert.equal(plain.remote.length, french.remote.length)
        assert.equal(plain.status, ascii(french.status))
      } finally {
        await test.close()
      }
    })

  it('that is stopped, since it is too much work', async () => {
    const limits = { wallSeconds: 1, pushBytes: 50 * 2 ** 20 }
    const test = await startForge({ starter: smallStarter(), language: 'fr', limits })
    try {
      const { err } = await throwBomb(test, bombs, 'big')
      assert.match(
        err,
        /^remote: error: ce push n’a pas été accepté : c’était trop de travail pour ce serveur, ou /m,
      )
      assert.match(err, /^remote: hint: pousse moins à la fois /m)
      assert.match(err, /\[remote rejected\].*\(arrêté par le serveur\)/)
    } finally {
      await test.close()
    }
  })

  it('to a repository that is another’s, or nobody’s', async () => {
    const test = await startForge({ starter: smallStarter(), language: 'fr' })
    try {
      const to = async (slug: string) => {
        const of = test.url(undefined, { slug, name: 'map' })
        return (await refused(test, ['--git-dir', bombs.dir, 'push', of, 'refs/heads/small'])).remote
      }
      assert.deepEqual(await to('tara'), ['Ce dépôt n’existe pas.'])
      assert.deepEqual(await to('paul'), [
        'Ce jeton est celui de tara, et l’adresse est celle de paul.',
        'Relance la même commande et donne un jeton de paul, ou prends sur la page l’adresse de tara.',
      ])
    } finally {
      await test.close()
    }
  })

  it('that cannot be measured', async () => {
    // Stands for a git that fails in the middle, which no push brings about.
    const env = {
      PATH: process.env.PATH,
      GIT_DIR: tmpdir(),
      GIT_QUARANTINE_PATH: join(tmpdir(), 'no-quarantine'),
      SHAMBHALA_QUOTA_KIB: String(2 ** 40),
      ...hookTexts(words.fr, (line) => line),
    }
    const hook = promisify(execFile)(join(hooksFolder, 'pre-receive'), { env })
    await assert.rejects(hook, {
      stdout: 'error: ce push n’a pas pu être mesuré ; réessaie, ou pousse moins à la fois\n',
    })
  })
})

describe('A French player', () => {
  let test: TestForge
  before(async () => (test = await startForge({ starter: smallStarter(), language: 'fr' })))
  after(() => test.close())

  it('reads in French that a push of which nobody could be told is judged later', async () => {
    const clone = await cloneOf(test)
    // eslint-disable-next-line @typescript-eslint/require-await, require-yield -- the game's answer is a stream; this one breaks off
    test.receiver.pushed = async function* () {
      throw new Error('the database is away')
    }
    await test.client.commit(clone, { untold: '1' })
    const { err } = await test.client.git(['push', 'origin', 'main'], { cwd: clone })
    assert.match(
      err,
      /^remote: hint: ton push est arrivé ; son verdict sera sur la page dans quelques minutes/m,
    )
  })

  it('reads the game’s refusal in plain ASCII when asked', async () => {
    const clone = await cloneOf(test, 'refused')
    test.receiver.pushing = () => Promise.resolve({ refuse: 'error: la chasse est terminée' })
    await test.client.commit(clone, { late: '1' })
    const { remote, status } = await refused(test, ['push', '-o', 'plain', 'origin', 'main'], clone)
    assert.deepEqual(remote, ['error: la chasse est terminee'])
    assert.equal(status, 'la chasse est terminee')
  })

  it('is sent away in French where too many wait already', async () => {
    const gated = await startForge({
      starter: smallStarter(),
      language: 'fr',
      limits: { perPlayer: 1, waiting: 1 },
    })
    try {
      let go: () => void = () => undefined
      const asked = new Promise<void>((resolve) => {
        gated.receiver.pushing = async () => {
          resolve()
          await new Promise<void>((open) => (go = open))
          return { ticket: '1' }
        }
      })
      const clone = await cloneOf(gated)
      await gated.client.commit(clone, { gate: '1' })
      const first = gated.client.git(['push', 'origin', 'main'], { cwd: clone })
      await asked
      const list = () =>
        fetch(`http://127.0.0.1:${gated.port}/git/tara/torn-map.git/info/refs?service=git-upload-pack`, {
          headers: { Authorization: asTara },
        })
      const two = [list(), list()]
      const quick = await Promise.race(two)
      assert.equal(quick.status, 429)
      assert.equal(await quick.text(), 'Trop de requêtes à la fois. Réessaie dans un instant.\n')
      go()
      await Promise.all(two)
      assert.equal((await first).code, 0)
    } finally {
      await gated.close()
    }
  })
})

function ascii(text: string): string {
  return text.replaceAll('’', "'").normalize('NFKD').replace(/\p{M}/gu, '')
}
