import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { loadChecks } from '../../../src/checks/index.ts'
import { lint } from '../../../src/cli/lint.ts'
import { loadHunt } from '../../../src/game/hunt/load-hunt.ts'
import { packageRoot } from '../../../src/lib/root.ts'

const small = join(packageRoot(), 'test', 'fixtures', 'hunt-small')

/** Lints a copy of the small hunt after a change; gives the lines and the exit code. */
async function lintAfter(
  context: TestContext,
  change: (folder: string, edit: (file: string, from: string | RegExp, to: string) => void) => void,
) {
  const folder = mkdtempSync(join(tmpdir(), 'shambhala-lint-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(small, folder, { recursive: true })
  change(folder, (file, from, to) => {
    const text = readFileSync(join(folder, file), 'utf8')
    assert.notEqual(text.replace(from, to), text, `${file} was not changed`)
    writeFileSync(join(folder, file), text.replace(from, to))
  })
  let said = ''
  const code = await lint({
    folder,
    kinds: await loadChecks(),
    format: 'text',
    write: (text) => (said += text),
  })
  return { code, said }
}

const first = '01-first/challenge.yaml'

test('the hunt that ships has nothing to mend and no warning', async () => {
  let said = ''
  const folder = join(packageRoot(), 'challenges')
  const code = await lint({
    folder,
    kinds: await loadChecks(),
    format: 'text',
    write: (text) => (said += text),
  })
  assert.equal(said, '11 challenges: 0 to mend, 0 warnings\n')
  assert.equal(code, 0)
})

test('a stage with a repository needs a forge, whatever its checks look at', async () => {
  const { hunt } = await loadHunt(join(packageRoot(), 'challenges'), await loadChecks())
  const needs = Object.fromEntries(hunt?.challenges.map((one) => [one.id, one.needs]) ?? [])
  assert.deepEqual(needs['sealed-whisper'], ['forge'])
  assert.deepEqual(needs['cold-kitchen'], ['cluster', 'forge'])
  assert.deepEqual(needs['warm-wax'], ['registry'])
})

test('a misspelt fact is told at its file and line, with what there is', async (context) => {
  const { code, said } = await lintAfter(context, (_, edit) =>
    edit(first, 'size(git.commits) > 1', 'size(git.comits) > 1'),
  )
  assert.equal(code, 1)
  assert.match(
    said,
    /01-first\/challenge\.yaml:26:24: there is no comits \(did you mean commits\?\); there are: found, head, /,
  )
})

test('all faults are told at once', async (context) => {
  const { said } = await lintAfter(context, (_, edit) => {
    edit(first, 'points: 100', 'points: none')
    edit('02-second/challenge.yaml', 'after: [first]', 'after: [frist]')
    edit('03-word/challenge.yaml', 'answer:', 'anwser:')
  })
  assert.match(said, /01-first.*points/)
  assert.match(
    said,
    /there is no check kind "anwser" \(did you mean answer\?\); there are: answer, chart, git, helm/,
  )
  assert.match(said, /there is no challenge frist \(did you mean first\?\)/)
})

test('stages that wait for each other are told', async (context) => {
  const { said } = await lintAfter(context, (_, edit) =>
    edit(first, 'points: 100', 'points: 100\nafter: [second]'),
  )
  assert.match(said, /this can never open: first after second after first/)
})

test('a missing language, a story that is not there, a parameter that is not', async (context) => {
  const { said } = await lintAfter(context, (folder, edit) => {
    edit(first, ', fr: Il n’y a pas de word.txt.', '')
    rmSync(join(folder, '02-second', 'story.fr.md'))
    edit('02-second/challenge.yaml', '{{params.size}}', '{{params.length}}')
  })
  assert.match(said, /01-first.*the text in fr is missing/)
  assert.match(said, /story\.fr\.md:1:1: this story is missing/)
  assert.match(said, /there is no params\.length; there are: word, size/)
})

test('prices where anybody may register twice are a warning', async (context) => {
  const { code, said } = await lintAfter(context, () => undefined)
  assert.equal(code, 0)
  assert.match(said, /warning: hints with a price, and registration open without a code/)
})

test('a starter that cannot be built is told before the first player meets it', async (context) => {
  const { code, said } = await lintAfter(context, (folder) => {
    writeFileSync(
      join(folder, '01-first', 'starter', 'history.yaml'),
      'commits: [{ id: a, parents: [nowhere], date: 2021-01-01T00:00:00Z, message: x }]\nbranches: { main: a }\n',
    )
  })
  assert.equal(code, 1)
  assert.match(said, /starter.*"nowhere" is named before it is described/)
})

test('a starter cannot bring files from elsewhere on the machine', async (context) => {
  const { code, said } = await lintAfter(context, (folder) => {
    symlinkSync('/etc/hostname', join(folder, '01-first', 'starter', 'host.txt'))
  })
  assert.equal(code, 1)
  assert.match(said, /leaves the starter/)
})

test('YAML that swells is refused', async (context) => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
  ]
  const { code } = await lintAfter(context, (folder) => writeFileSync(join(folder, first), bomb.join('\n')))
  assert.equal(code, 1)
})

test('a misspelt key is told with the one that was probably meant, and a missing one where it should stand', async (context) => {
  const { said } = await lintAfter(context, (_, edit) => {
    edit(first, 'points: 100', 'ponits: 100')
    edit('02-second/challenge.yaml', 'size: { range: [1, 9]', 'size: { rnage: [1, 9]')
    edit('03-word/challenge.yaml', 'answer:', 'answer: { exakt: x }\n    anser:')
  })
  assert.match(
    said,
    /01-first.*:4:\d+: ponits: there is no key ponits here \(did you mean points\?\); there are: id, title/,
  )
  assert.match(said, /01-first.*: points: is missing/)
  assert.match(said, /02-second.*params\.size: write one of: words, hex, range/)
  assert.match(said, /03-word.*there is no key anser here; there are: name, as, expect/)
})

test('a fault inside a folded or quoted expression is told at its own line and column', async (context) => {
  const { said } = await lintAfter(context, (_, edit) => {
    edit(
      first,
      '- that: size(git.commits) > 1',
      '- that: >-\n          git.found &&\n          git.haed == params.word',
    )
    edit('02-second/challenge.yaml', /"'word\.txt' in git\.text"/, `"'word.txt' in git.txet"`)
  })
  assert.match(said, /01-first\/challenge\.yaml:28:15: there is no haed/)
  assert.match(said, /02-second\/challenge\.yaml:\d+:34: there is no txet \(did you mean text\?\)/)
})

test('templates that name what is not there are told wherever they stand', async (context) => {
  const { said } = await lintAfter(context, (folder, edit) => {
    edit(first, '{{git.text.[word.txt]}}', '{{git.txet.[word.txt]}}')
    edit(first, 'git: { text: [word.txt] }', 'git: { text: [word.txt, "{{params.wrod}}.txt"] }')
    edit(first, 'git clone {{repository.url}}', 'git clone {{repository.adress}}')
    edit('02-second/challenge.yaml', '{{git.text.[word.txt]}}', '{{#with git}}x{{/with}}')
    writeFileSync(join(folder, '03-word', 'story.en.md'), 'One\n\nTwo {{params.nothing}} three\n')
  })
  assert.match(said, /01-first.*:22:20: there is no git\.txet \(did you mean text\?\)/)
  assert.match(said, /01-first.*: there is no params\.wrod \(did you mean word\?\)/)
  assert.match(said, /01-first.*: there is no repository\.adress; there are: name, url/)
  assert.match(said, /02-second.*there is no block with; there are: each, if, unless/)
  assert.match(said, /story\.en\.md:3:7: there is no params\.nothing/)
})

test('a secret in a finding is a warning, since players read dots there', async (context) => {
  const { code, said } = await lintAfter(context, (_, edit) =>
    edit(first, 'This is not the word.', '"Not {{params.word}}."'),
  )
  assert.equal(code, 0)
  assert.match(said, /01-first.*warning: word is not public: players read ••• here/)
})

test('a challenge that cannot be read does not make others wait for one that is not there', async (context) => {
  const { said } = await lintAfter(context, (_, edit) => edit(first, 'points: 100', 'points: none'))
  assert.doesNotMatch(said, /there is no challenge/)
  assert.match(said, /1 to mend/)
})

test('a hunt that ends before it starts, names that cannot be used, ranges without numbers', async (context) => {
  const { said } = await lintAfter(context, (folder, edit) => {
    const text = readFileSync(join(folder, 'hunt.yaml'), 'utf8').replace(/^(start|end|freeze):.*\n/gm, '')
    writeFileSync(
      join(folder, 'hunt.yaml'),
      `${text}\nstart: 2030-01-02T00:00:00Z\nend: 2030-01-01T00:00:00Z\n`,
    )
    edit(first, 'git: { text: [word.txt] }', 'as: player\n    git: { text: [word.txt] }')
    edit('02-second/challenge.yaml', 'git: { text: [word.txt] }', 'as: in\n    git: { text: [word.txt] }')
    edit('02-second/challenge.yaml', 'range: [1, 9]', 'range: [9, 1]')
  })
  assert.match(said, /hunt\.yaml:\d+:\d+: the hunt ends before it starts/)
  assert.match(said, /01-first.*player cannot be the name of facts/)
  assert.match(said, /02-second.*from the lower number to the higher/)
})

test('a link out of the hunt’s folder is refused, wherever it stands', async (context) => {
  const { code, said } = await lintAfter(context, (folder) => {
    symlinkSync('/etc', join(folder, '02-second', 'wrong'))
    symlinkSync('story.en.md', join(folder, '02-second', 'copy.md'))
  })
  assert.equal(code, 1)
  assert.match(
    said,
    /02-second\/wrong:1:1: this link leads out of the hunt's folder, to \/etc: copy the file instead/,
  )
  assert.doesNotMatch(said, /copy\.md/)
})

test('for scripts the same comes as JSON', async () => {
  let said = ''
  await lint({ folder: small, kinds: await loadChecks(), format: 'json', write: (text) => (said += text) })
  const { ok, faults, warnings } = JSON.parse(said) as {
    ok: boolean
    faults: unknown[]
    warnings: { file: string }[]
  }
  assert.deepEqual([ok, faults], [true, []])
  assert.match(warnings[0]?.file ?? '', /story\.en\.md$/)
})

test('a starter that some names would break is told before a player of such a name comes', async (context) => {
  const { said } = await lintAfter(context, (folder) => {
    writeFileSync(
      join(folder, '01-first', 'starter', 'history.yaml.hbs'),
      'commits:\n  - { id: a, date: 2021-01-01T00:00:00Z, message: {{player.name}} }\nbranches: { main: a }\n',
    )
  })
  assert.match(said, /history\.yaml\.hbs:2:\d+: /)
})

test('a starter that a player would never see is told, and a stage after a retired one is warned of', async (context) => {
  const { said } = await lintAfter(context, (_, edit) => {
    edit(first, 'points: 100', 'points: 100\nrepository: shared\nretired: true')
    edit('02-second/challenge.yaml', 'points: 100', 'points: 100\nrepository: shared')
  })
  assert.match(
    said,
    /02-second.*first comes first in the repository shared and fills it: the starter of second would never be seen/,
  )
  assert.match(said, /02-second.*warning: first is retired: who has not solved it never gets here/)
})

test('a wrong way that expects what no check says is told before anybody runs it', async (context) => {
  const { said } = await lintAfter(context, (folder) => {
    const wrong = join(folder, '01-first', 'wrong', 'no-word')
    mkdirSync(wrong, { recursive: true })
    writeFileSync(join(wrong, 'solve.sh'), 'echo nothing\r\n')
    writeFileSync(join(wrong, 'expect.yaml'), 'check: the word is written\nfinding: There is no word.text.\n')
  })
  assert.match(said, /no-word\/solve\.sh.*line ends of Windows/)
  assert.match(said, /no-word\/expect\.yaml:2:\d+: no finding of this check says "There is no word\.text\."/)
})

test('a script handed out without LF for sure is warned of, with what to write', async (context) => {
  const { code, said } = await lintAfter(context, (folder) => {
    mkdirSync(join(folder, '01-first/starter'), { recursive: true })
    writeFileSync(join(folder, '01-first/starter/.gitattributes'), '*.png binary\n')
    writeFileSync(join(folder, '01-first/starter/build.sh'), '#!/bin/sh\n')
  })
  assert.equal(code, 0, said)
  assert.match(said, /starter\/\.gitattributes.*build\.sh is handed out without LF for sure/)
  assert.match(said, /write "\* text=auto eol=lf" into \.gitattributes/)
})
