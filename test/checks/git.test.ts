import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { check } from '../../src/checks/git.ts'
import { Inconclusive, PlayerFault, TooLarge } from '../../src/lib/errors.ts'
import { contextOf, lookAt } from '../helpers/look.ts'
import { encodings, windowsTexts } from '../helpers/windows-text.ts'
import { makeRepository, type TestRepository } from '../helpers/repository.ts'

let repository: TestRepository
beforeEach(() => {
  repository = makeRepository()
})
afterEach(() => repository.remove())

describe('a branch is looked at', () => {
  it('tells its commits with people, dates, message, trailers and changed paths', async () => {
    const first = repository.commit({ 'map.txt': 'north\n', 'old.txt': 'x' })
    const message = 'Mend the map\n\nIt was torn.\n\nSealed-by: Tara\nSealed-by: Abhra\nStage: 1\n'
    const head = repository.commit({ 'map.txt': 'south\n', 'new.txt': 'x' }, { parents: [first], message })
    const facts = await lookAt(repository, { paths: true })
    assert.equal(facts.found, true)
    assert.equal(facts.head, head)
    assert.equal(facts.branch, 'main')
    assert.deepEqual(facts.branches, { main: head })
    assert.deepEqual(facts.commits[0], {
      sha: head,
      parents: [first],
      author: { name: 'Abhra', email: 'abhra@example.org', date: '2023-11-15T00:13:20+02:00' },
      committer: { name: 'Tara', email: 'tara@example.org', date: '2023-11-15T00:13:20+02:00' },
      subject: 'Mend the map',
      body: 'It was torn.\n\nSealed-by: Tara\nSealed-by: Abhra\nStage: 1',
      trailers: { 'Sealed-by': ['Tara', 'Abhra'], Stage: ['1'] },
      paths: ['map.txt', 'new.txt', 'old.txt'],
    })
    assert.deepEqual(facts.commits[1]?.paths, ['map.txt', 'old.txt'])
    assert.equal(facts.complete, true)
  })

  it('names the commit as evidence, with where and when', async () => {
    const head = repository.commit({ a: '1' })
    const { evidence } = await check.look(check.spec.parse({}), contextOf(repository))
    assert.deepEqual(
      evidence.map(({ what, revision, where }) => [what, revision, where]),
      [['commit', head, 'torn-map main']],
    )
    assert.ok(!Number.isNaN(Date.parse(evidence[0]?.at ?? '')))
  })

  it('covers no more commits than its window, and says whether that was all', async () => {
    let parent = repository.commit({ a: '0' })
    for (const a of ['1', '2']) parent = repository.commit({ a }, { parents: [parent] })
    const two = await lookAt(repository, { commits: 2 })
    assert.deepEqual([two.commits.length, two.complete, two.commits[0]?.paths], [2, false, null])
    const three = await lookAt(repository, { commits: 3 })
    assert.deepEqual([three.commits.length, three.complete], [3, true])
  })

  it('leaves out what another one reaches, and shows all where that one is not there', async () => {
    const main = repository.commit({ a: '0' })
    const head = repository.commit({ a: '1' }, { parents: [main] })
    const shown = async (above: string) => (await lookAt(repository, { above })).commits.map(({ sha }) => sha)
    assert.deepEqual(await shown('main~1'), [head])
    assert.deepEqual(await shown('main'), [])
    assert.deepEqual(await shown('elsewhere'), [head, main])
  })

  it('tells merges from a straight line, an octopus too', async () => {
    const base = repository.commit({ a: '0' })
    const arms = ['x', 'y', 'z'].map((name) =>
      repository.commit({ a: '0', [name]: '1' }, { parents: [base], ref: `refs/heads/${name}` }),
    )
    assert.equal((await lookAt(repository)).linear, true)
    repository.commit({ a: '0', x: '1', y: '1', z: '1' }, { parents: arms })
    const facts = await lookAt(repository, { paths: true })
    assert.deepEqual([facts.merges, facts.linear, facts.commits[0]?.parents], [1, false, arms])
    assert.deepEqual(facts.commits[0]?.paths, ['y', 'z'])
  })

  it('judges what was received, not what was pushed since', async () => {
    const before = repository.commit({ a: '0' })
    const snapshot = await repository.reader().snapshot()
    repository.commit({ a: '1' }, { parents: [before] })
    const context = { ...contextOf(repository), snapshot: () => Promise.resolve(snapshot) }
    const { facts } = await check.look(check.spec.parse({}), context)
    assert.equal(facts.head, before)
    assert.equal(facts.commits.length, 1)
  })

  it('says that an unknown branch, an empty repository or none is not there', async () => {
    assert.equal((await lookAt(repository)).found, false)
    const head = repository.commit({ a: '0' }, { ref: 'refs/heads/master' })
    const facts = await lookAt(repository)
    assert.deepEqual([facts.found, facts.branch, facts.branches], [false, 'main', { master: head }])
    assert.equal((await lookAt(repository, { ref: 'elsewhere' })).found, false)
    const { facts: none } = await check.look(check.spec.parse({}), contextOf(null))
    assert.equal(none.found, false)
  })

  it('never blames the player when the objects of the snapshot are gone', async () => {
    repository.commit({ a: '0' })
    const oid = '1'.repeat(40)
    const gone = { head: 'refs/heads/main', refs: { 'refs/heads/main': oid, 'refs/tags/v1': oid } }
    const context = { ...contextOf(repository), snapshot: () => Promise.resolve(gone) }
    for (const ref of ['main', 'v1'])
      await assert.rejects(check.look(check.spec.parse({ ref }), context), Inconclusive, ref)
  })

  it('looks at a tag as at a branch, unless it names no commit', async () => {
    const head = repository.commit({ a: '0' })
    repository.git(['tag', '-a', '-m', 'The seal', 'sealed', head])
    repository.git(['tag', 'blob', `${head}:a`])
    const facts = await lookAt(repository, { ref: 'sealed' })
    assert.deepEqual([facts.found, facts.head, facts.branch], [true, head, 'sealed'])
    assert.equal((await lookAt(repository, { ref: 'blob' })).found, false)
  })

  it('reads a commit once for two checks, also when the first of them fails at once', async () => {
    const head = repository.commit({ a: '0' })
    const context = contextOf(repository)
    const crowd = Array.from({ length: 3000 }, (_, n): [string, string] => [`refs/tags/v${n}`, head])
    const refs = { ...Object.fromEntries(crowd), 'refs/heads/main': head }
    const crowded = { ...context, snapshot: () => Promise.resolve({ head: 'refs/heads/main', refs }) }
    await assert.rejects(check.look(check.spec.parse({}), crowded), TooLarge)
    const { facts } = await check.look(check.spec.parse({}), context)
    assert.equal(facts.commits.length, 1)
  })

  it('knows whether the files are still those of the starter', async () => {
    const given = repository.commit({ a: '0' })
    repository.git(['update-ref', 'refs/shambhala/starter/heads/main', given])
    assert.equal((await lookAt(repository)).identical, true)
    repository.commit({ a: '1' }, { parents: [given] })
    assert.equal((await lookAt(repository)).identical, false)
  })

  it('knows who descends from whom, by branch, tag, step and starter', async () => {
    const given = repository.commit({ a: '0' })
    repository.git(['update-ref', 'refs/shambhala/starter/heads/main', given])
    repository.git(['tag', 'v1', given])
    const head = repository.commit({ a: '1' }, { parents: [given] })
    repository.commit({ a: '2' }, { ref: 'refs/heads/island' })
    const facts = await lookAt(repository, {
      ancestors: {
        kept: ['starter:main', 'main'],
        tagged: ['v1', 'HEAD'],
        step: ['main~1', head],
        back: ['main', 'v1'],
        apart: ['island', 'main'],
        missing: ['nowhere', 'main'],
      },
    })
    assert.deepEqual(facts.ancestors, {
      kept: true,
      tagged: true,
      step: true,
      back: false,
      apart: false,
      missing: false,
    })
  })
})

describe('tags, notes and signatures are looked at', () => {
  it('tells light tags from annotated ones, and reads notes', async () => {
    const head = repository.commit({ a: '0' })
    repository.git(['tag', 'light', head])
    repository.git(['tag', '-a', '-m', 'The seal\n\nof the north', 'sealed', head])
    repository.git(['tag', '-a', '-m', 'Twice', 'twice', 'sealed'])
    repository.git(['notes', 'add', '-m', 'Look under the bell', head])
    const { tags, notes } = await lookAt(repository)
    assert.deepEqual(tags.light, { sha: head, target: head, annotated: false, message: '', tagger: null })
    assert.deepEqual([tags.sealed?.annotated, tags.sealed?.target], [true, head])
    assert.equal(tags.sealed?.message, 'The seal\n\nof the north')
    assert.deepEqual(tags.sealed.tagger, {
      name: 'Tara',
      email: 'tara@example.org',
      date: '2023-11-14T22:15:00+00:00',
    })
    assert.equal(tags.twice?.target, head)
    assert.deepEqual(notes, { [head]: 'Look under the bell' })
  })

  it('tells that head carries a signature and of which kind', async () => {
    const head = repository.commit({ a: '0' })
    assert.equal((await lookAt(repository)).signed, null)
    const tree = repository.git(['rev-parse', `${head}^{tree}`])
    const object = `tree ${tree}\nauthor A <a@b> 1700000000 +0000\ncommitter A <a@b> 1700000000 +0000\ngpgsig -----BEGIN SSH SIGNATURE-----\n abc\n -----END SSH SIGNATURE-----\n\nSigned\n`
    const signed = repository.git(['hash-object', '-t', 'commit', '-w', '--stdin'], object)
    repository.git(['update-ref', 'refs/heads/main', signed])
    assert.equal((await lookAt(repository)).signed, 'ssh')
  })
})

describe('files are looked at', () => {
  it('tells mode, size and link target, and never follows a link', async () => {
    repository.commit({
      'run.sh': { mode: '100755', content: '#!/bin/sh\n' },
      'docs/map.txt': 'north\n',
      out: { mode: '120000', content: '../../../etc/passwd' },
    })
    const { files, text } = await lookAt(repository, { text: ['out', 'docs/map.txt', 'nowhere'] })
    assert.deepEqual(Object.keys(files), ['docs/map.txt', 'out', 'run.sh'])
    assert.deepEqual(
      [files['run.sh']?.mode, files['run.sh']?.size, files['run.sh']?.symlink],
      ['100755', 10, null],
    )
    assert.equal(files.out?.symlink, '../../../etc/passwd')
    assert.deepEqual(text, { out: '../../../etc/passwd', 'docs/map.txt': 'north\n' })
  })

  it('reports only the files that are named, where some are', async () => {
    repository.commit({ a: '0', 'b/c': '1', 'b/d': '2', '*': 'star' })
    const { files } = await lookAt(repository, { files: ['b', '*'] })
    assert.deepEqual(Object.keys(files), ['*', 'b/c', 'b/d'])
  })

  it('parses JSON and YAML', async () => {
    repository.commit({
      'a.json': '{"b": [1, {"c": "d"}]}',
      'a.yaml': 'b: &x [1, two]\nc: *x\nd: 2020-01-01\n',
      'many.yml': 'a: 1\n---\na: 2\n',
      'empty.yaml': '',
    })
    const { data } = await lookAt(repository, {
      data: ['a.json', 'a.yaml', 'many.yml', 'empty.yaml', 'no.yaml'],
    })
    assert.deepEqual(data, {
      'a.json': { b: [1, { c: 'd' }] },
      'a.yaml': { b: [1, 'two'], c: [1, 'two'], d: '2020-01-01' },
      'many.yml': [{ a: 1 }, { a: 2 }],
      'empty.yaml': null,
    })
  })

  it('tells the player that a file is malformed, and where', async () => {
    repository.commit({ 'a.yaml': 'a: [1\nb: 2', 'b.json': '{"a": }', 'c.yaml': 'a: 1\nb: 2\na: 3\n' })
    await assert.rejects(lookAt(repository, { data: ['a.yaml'] }), (error: Error) => {
      assert.ok(error instanceof PlayerFault)
      assert.match(error.message, /^a\.yaml is not valid YAML: .*line 2/)
      return true
    })
    await assert.rejects(lookAt(repository, { data: ['b.json'] }), /b\.json is not valid JSON/)
    await assert.rejects(lookAt(repository, { data: ['c.yaml'] }), /keys must be unique \(line 3\)/)
  })

  it('asks the rules of the repository which paths are ignored and which attributes they have', async () => {
    repository.commit({
      '.gitignore': '*.log\nbuild/\n!keep.log\n',
      'deep/.gitignore': 'secret\n',
      '.gitattributes': '*.sh text eol=lf\n*.png binary\n',
      'deep/.gitattributes': 'run.sh -text\n',
    })
    const { ignored, attributes } = await lookAt(repository, {
      ignored: ['a.log', 'keep.log', 'build/', 'build/x', 'deep/secret', 'secret', 'deep/er/secret'],
      attributes: ['run.sh', 'deep/run.sh', 'a.png', 'b.txt'],
    })
    assert.deepEqual(ignored, {
      'a.log': true,
      'keep.log': false,
      'build/': true,
      'build/x': true,
      'deep/secret': true,
      secret: false,
      'deep/er/secret': true,
    })
    assert.deepEqual(attributes['run.sh'], { text: 'set', eol: 'lf' })
    assert.deepEqual(attributes['deep/run.sh'], { text: 'unset', eol: 'lf' })
    assert.equal(attributes['a.png']?.binary, 'set')
    assert.deepEqual(attributes['b.txt'], {})
  })

  it('lists submodules and fetches nothing', async () => {
    const sha = '2'.repeat(40)
    repository.commit({
      'a.txt': 'x',
      '.gitmodules': '[submodule "evil"]\n\tpath = lib/evil\n\turl = ext::sh -c touch% /tmp/owned\n',
      'lib/evil': { submodule: sha },
      other: { submodule: sha },
    })
    const expected = { 'lib/evil': { url: 'ext::sh -c touch% /tmp/owned', sha }, other: { url: '', sha } }
    assert.deepEqual((await lookAt(repository)).submodules, expected)
    const named = await lookAt(repository, { files: ['a.txt'] })
    assert.deepEqual(named.submodules, { 'lib/evil': expected['lib/evil'] })
  })

  it('takes a malformed .gitmodules as one that names nothing', async () => {
    repository.commit({ '.gitmodules': '[submodule "x\n = = \n' })
    assert.deepEqual((await lookAt(repository)).submodules, {})
  })

  it('finds conflict markers that were left, when asked', async () => {
    repository.commit({
      'torn.txt': 'a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n',
      'fine.txt': 'text <<<<<<< in a line\n',
    })
    assert.equal((await lookAt(repository)).conflicts, null)
    assert.deepEqual((await lookAt(repository, { conflicts: true })).conflicts, ['torn.txt'])
    assert.deepEqual((await lookAt(repository, { conflicts: true, files: ['fine.txt'] })).conflicts, [])
    assert.deepEqual((await lookAt(repository, { conflicts: true, files: ['*'] })).conflicts, [])
  })
})

describe('texts that were written on Windows', () => {
  for (const encoding of encodings)
    it(`in ${encoding} with its mark read as what they say`, async () => {
      const write = windowsTexts[encoding]
      repository.commit(
        { 'map.txt': write('1. Über die Brücke\n'), 'a.json': write('{"a":1}'), 'b.yaml': write('b: 2\n') },
        { message: '\ufeffMend the map' },
      )
      const told = repository.git(['hash-object', '-w', '--stdin'], write('It was torn'))
      repository.git(['notes', 'add', '-C', told, 'main'])
      repository.git(['tag', '-a', '-m', '\ufeffA seal', 'v1', 'main'])
      const facts = await lookAt(repository, { text: ['map.txt'], data: ['a.json', 'b.yaml'] })
      assert.equal(facts.text['map.txt'], '1. Über die Brücke\n')
      assert.deepEqual(facts.data, { 'a.json': { a: 1 }, 'b.yaml': { b: 2 } })
      assert.deepEqual(Object.values(facts.notes), ['It was torn'])
      assert.equal(facts.commits[0]?.subject, 'Mend the map')
      assert.equal(facts.tags['v1']?.message, 'A seal')
    })

  it('hide neither conflict markers nor a key', async () => {
    const key = 'AKIA0123456789ABCDEF'
    const write = windowsTexts['UTF-16LE']
    repository.commit({
      'torn.txt': write(`<<<<<<< HEAD\n=======\n>>>>>>> b\n`),
      'key.env': write(`KEY=${key}`),
    })
    const pattern = 'AKIA[0-9A-Z]{16}'
    const facts = await lookAt(repository, { text: ['torn.txt'], conflicts: true, history: [key, pattern] })
    assert.deepEqual(facts.conflicts, ['torn.txt'])
    for (const one of [key, pattern])
      assert.deepEqual(
        facts.history[one]?.map(({ path }) => path),
        ['key.env'],
      )
  })

  it('without their mark are said to be no plain text', async () => {
    repository.commit({ 'map.txt': Buffer.from('north\n', 'utf16le') })
    for (const what of ['text', 'data'])
      await assert.rejects(
        lookAt(repository, { [what]: ['map.txt'] }),
        (error) => error instanceof PlayerFault && /^map\.txt is no plain text: .*UTF-8/.test(error.message),
      )
  })
})

describe('the whole history is searched', () => {
  const key = 'AKIA0123456789ABCDEF'

  it('finds a key that was deleted, on every branch, in messages and notes', async () => {
    const first = repository.commit({ 'a.txt': 'x' })
    const leak = repository.commit({ 'a.txt': 'x', 'conf/key.env': `KEY=${key}\n` }, { parents: [first] })
    repository.commit({ 'a.txt': 'y' }, { parents: [leak] })
    const told = repository.commit({ b: '1' }, { ref: 'refs/heads/side', message: `Use ${key}` })
    repository.git(['tag', '-a', '-m', `It was ${key}`, 'v1', first])
    repository.git(['notes', 'add', '-m', `Remember ${key}`, first])
    const note = repository.git(['rev-parse', 'refs/notes/commits'])
    const tag = repository.git(['rev-parse', 'refs/tags/v1'])
    const pattern = 'AKIA[0-9A-Z]{16}'
    const { history } = await lookAt(repository, { history: [key, pattern, 'absent', '^x$'] })
    const expected = [
      [leak, 'conf/key.env'],
      [note, first],
      [tag, ''],
      [told, ''],
    ].sort()
    for (const one of [key, pattern])
      assert.deepEqual(history[one]?.map(({ sha, path }) => [sha, path]).sort(), expected)
    assert.deepEqual(history.absent, [])
    assert.deepEqual(
      history['^x$']?.map(({ path }) => path),
      ['a.txt'],
    )
  })

  it('finds nothing once every ref has been rewritten', async () => {
    const leak = repository.commit({ key })
    repository.commit({ 'a.txt': 'x' }, { parents: [leak] })
    repository.commit({ 'a.txt': 'x' })
    assert.deepEqual((await lookAt(repository, { history: [key] })).history, { [key]: [] })
  })

  it('gives up on a history that is too large to search, and says so', async () => {
    repository.commit({ large: Buffer.alloc(20_000_000, 'seven bells\n') })
    assert.equal((await lookAt(repository, { history: ['bells', 'BELLS[0-9]'] })).history.bells?.length, 1)
    await assert.rejects(lookAt(repository, { history: ['[0-9]BELLS'] }), TooLarge)
    repository.commit({ large: Buffer.alloc(70_000_000) }, { ref: 'refs/heads/other' })
    await assert.rejects(lookAt(repository, { history: ['bells'] }), TooLarge)
  })

  it('refuses a pattern that is none when the file is read, not when a player waits', () => {
    assert.equal(check.spec.safeParse({ history: ['('] }).success, false)
    assert.equal(check.spec.safeParse({ history: ['{{params.key}}('] }).success, true)
  })
})

describe('a hostile repository is looked at', () => {
  it('takes strange names as what they are', async () => {
    const latin = Buffer.from([0x63, 0x61, 0x66, 0xe9]).toString('latin1')
    const sha = '3'.repeat(40)
    repository.commit({
      'two\nlines': '1',
      '"quoted"': '2',
      '..': '3',
      [latin]: '4',
      [sha]: '5',
      ':100644 100644 x y M': '6',
      ['__proto__']: '7',
    })
    const facts = await lookAt(repository, { paths: true, text: ['two\nlines', '__proto__'] })
    const names = [
      '"quoted"',
      '..',
      sha,
      ':100644 100644 x y M',
      '__proto__',
      'caf\ufffd',
      'two\nlines',
    ].sort()
    assert.deepEqual(Object.keys(facts.files).sort(), names)
    assert.deepEqual([...(facts.commits[0]?.paths ?? [])].sort(), names)
    assert.equal(facts.commits.length, 1)
    assert.equal(facts.text['two\nlines'], '1')
    assert.equal(Object.getPrototypeOf(facts.text), Object.prototype)
  })

  it('never hands a ref that looks like an option to git', async () => {
    const head = repository.commit({ a: '0' })
    repository.git(['update-ref', 'refs/heads/--upload-pack=x', head])
    const facts = await lookAt(repository, {
      ref: '--upload-pack=x',
      ancestors: { same: ['--upload-pack=x', 'main'] },
    })
    assert.deepEqual([facts.found, facts.branch, facts.ancestors], [true, '--upload-pack=x', { same: true }])
    assert.equal((await lookAt(repository, { ref: '--help' })).found, false)
    assert.equal((await lookAt(repository, { ancestors: { x: ['main\nHEAD', '--all'] } })).ancestors.x, false)
  })

  it('survives dates out of every range, broken encodings and forged separators', async () => {
    const dates = ['99999999999999 +0000', '0 +9999', '-5 +0000', '18446744073709551616 +0000', 'never']
    let parents: string[] = []
    for (const date of dates) parents = [repository.commit({ a: '0' }, { parents, date })]
    const message = Buffer.concat([
      Buffer.from('caf'),
      Buffer.from([0xe9]),
      Buffer.from('\n\nKey: a\x1fForged\x1eb\n'),
    ])
    repository.commit({ a: '0' }, { parents, message, author: 'A \u0000 B <a@b>' })
    const facts = await lookAt(repository, { paths: true })
    assert.equal(facts.commits.length, dates.length + 1)
    assert.equal(facts.commits[0]?.subject, 'caf\ufffd')
    for (const { author } of facts.commits)
      assert.match(author.date, /^$|^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/)
  })

  it('refuses a file that is too large, deep or swollen, before it fills the memory', async () => {
    const aliases = ['a0: &a0 [x,x,x,x,x,x,x,x,x]']
    for (let n = 1; n < 10; n += 1) {
      const nine = Array.from({ length: 9 }, () => `*a${n - 1}`).join(',')
      aliases.push(`a${n}: &a${n} [${nine}]`)
    }
    repository.commit({
      'large.txt': Buffer.alloc(2_000_000, 'x'),
      'bomb.yaml': aliases.join('\n'),
      'deep.yaml': '['.repeat(50_000),
      'quotes.yaml': '"'.repeat(60_000),
      'keys.yaml': `{${',a'.repeat(30_000)}}`,
      'deep.json': '['.repeat(30_000) + ']'.repeat(30_000),
      'circle.yaml': 'a: &a [*a]',
      'wide.json': JSON.stringify(Array.from({ length: 30_000 }, () => 1)),
    })
    await assert.rejects(lookAt(repository, { text: ['large.txt'] }), TooLarge)
    for (const path of [
      'bomb.yaml',
      'deep.yaml',
      'deep.json',
      'circle.yaml',
      'wide.json',
      'quotes.yaml',
      'keys.yaml',
      'large.txt',
    ])
      await assert.rejects(lookAt(repository, { data: [path] }), PlayerFault, path)
  })

  it('refuses a tree of 100 000 files, and still reads one that is named', async () => {
    const blob = repository.git(['hash-object', '-w', '--stdin'], 'x')
    const names = Array.from({ length: 100_000 }, (_, n) => `100644 blob ${blob}\tf${n}\0`)
    const tree = repository.git(['mktree', '-z'], names.join(''))
    repository.git(['update-ref', 'refs/heads/main', repository.git(['commit-tree', tree, '-m', 'many'])])
    await assert.rejects(lookAt(repository), TooLarge)
    const facts = await lookAt(repository, { files: ['f7'] })
    assert.deepEqual(Object.keys(facts.files), ['f7'])
  })

  it('ends as ours, not as theirs, when the deadline has passed', async () => {
    repository.commit({ a: '0' })
    const late = contextOf(repository, { signal: AbortSignal.abort() })
    await assert.rejects(check.look(check.spec.parse({}), late), Inconclusive)
    const controller = new AbortController()
    const looking = check.look(check.spec.parse({ history: ['x'] }), {
      ...contextOf(repository, { signal: controller.signal }),
      snapshot: async () => {
        const snapshot = await repository.reader().snapshot()
        setImmediate(() => controller.abort())
        return snapshot
      },
    })
    await assert.rejects(looking, Inconclusive)
  })
})
