import assert from 'node:assert/strict'
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { proof, startProve } from '../helpers/proof.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shambhala-test-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const prove = (...args: string[]) => startProve(args).ended

async function hunt(files: Readonly<Record<string, string>>): Promise<string> {
  const made = await mkdtemp(join(folder, 'hunt-'))
  const all = { 'hunt.yaml': 'name: { en: A hunt }\nteaser: { en: Try it. }\nlanguages: [en]\n', ...files }
  for (const [path, content] of Object.entries(all)) {
    await mkdir(dirname(join(made, path)), { recursive: true })
    await writeFile(join(made, path), content)
  }
  return made
}

const clone = `set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" work
cd work
git config user.name Seeker
git config user.email seeker@example.org
`
const finish = 'git add . && git commit --quiet --message "Say it" && git push --quiet origin main\n'

/** A stage in which the word that stands in the player's own README is to be written into a file. */
const word = {
  '01-word/challenge.yaml': `id: word
title: { en: The word }
teaser: { en: Say it. }
points: 10
params:
  word: { hex: 12 }
checks:
  - name: { en: the word is said }
    git: { ref: main, text: [said.txt] }
    expect:
      - that: "'said.txt' in git.text"
        else: { en: There is no said.txt. }
      - that: git.text['said.txt'].contains(params.word)
        else: { en: This is another word. }
`,
  '01-word/story.en.md': 'Read the README.\n',
  '01-word/starter/README.md.hbs': '{{params.word}}\n',
  '01-word/solution/solve.sh': `${clone}cp README.md said.txt\n${finish}`,
  '01-word/wrong/mute/solve.sh': `${clone}touch heard.txt\n${finish}`,
  '01-word/wrong/mute/expect.yaml': 'check: 0\nfinding: There is no said.txt.\n',
}

test('a sound stage is proven: starter, both players, a copied work and each wrong way', async () => {
  const closed = 'registration: closed\nstart: 2099-01-01T00:00:00Z\n'
  const made = await hunt({
    ...word,
    'hunt.yaml': `name: { en: A hunt }\nteaser: { en: Try it. }\nlanguages: [en]\n${closed}`,
  })
  const { code, output, errors } = await prove('--folder', made, '--yes')
  assert.equal(code, 0, output + errors)
  for (const line of [
    /ok +the starter alone fails/,
    /ok +the solution passes for one player/,
    /ok +the same work fails for another player/,
    /ok +the solution passes for another player/,
    /ok +the wrong way “mute” fails as it says/,
    /^word +1\/1 +2\/2 +1\/1 +1\/1 +–/m,
    /Every challenge is proven/,
  ])
    assert.match(output, line)
})

test('what is not sound is said step by step, and the exit code tells', async () => {
  const made = await hunt({
    ...word,
    '01-word/solution/solve.sh': `${clone}echo sorry > said.txt\n${finish}`,
    '01-word/wrong/mute/expect.yaml': 'check: the word is said\nfinding: This is another word.\n',
    '02-riddle/challenge.yaml': `id: riddle
title: { en: The riddle }
teaser: { en: Guess. }
points: 10
checks:
  - name: { en: the riddle is solved }
    answer: { re2: '.*' }
    expect:
      - that: answer.correct
        else: { en: No. }
`,
    '02-riddle/story.en.md': 'Guess.\n',
    '02-riddle/solution/solve.sh': 'echo "I know it"\n',
  })
  const { code, output, errors } = await prove('--folder', made, '--yes', '--format', 'json')
  assert.equal(code, 1, errors)
  const { ok, steps } = proof.parse(JSON.parse(output))
  assert.equal(ok, false)
  const whyOf = (challenge: string, name: RegExp) =>
    steps.find((step) => step.challenge === challenge && name.test(step.name))?.why ?? 'it is ok'
  assert.match(whyOf('word', /passes for one player/), /failed; the word is said: This is another word\./)
  assert.match(whyOf('word', /wrong way/), /fails elsewhere .*There is no said\.txt/)
  assert.match(whyOf('riddle', /starter/), /the verdict is passed/)
  assert.match(whyOf('riddle', /passes for one player/), /printed no line "answer: …"/)
  assert.match(whyOf('riddle', /random/), /the random answer “.*” passed/)
})

test('scripts of a hunt from elsewhere do not run without a yes', async () => {
  const mark = join(folder, 'mark')
  const made = await hunt({ ...word, '01-word/solution/solve.sh': `touch ${mark}\n` })
  const { code, errors } = await prove('--folder', made)
  assert.equal(code, 1)
  assert.match(errors, /runs the scripts below .*add --yes/)
  await assert.rejects(access(mark))
})

test('a challenge that is not there is named together with those that are', async () => {
  const { code, errors } = await prove('wrod', '--folder', await hunt(word), '--yes')
  assert.equal(code, 1)
  assert.match(errors, /There is no challenge "wrod"; there are word\./)
})

const twice = /^word .* 2\/2 *$/m

test('printed lines are typed as a player reads them, with core.autocrlf on and off, and what they leave is judged', async () => {
  const made = await hunt({
    ...word,
    '01-word/challenge.yaml': `${word['01-word/challenge.yaml']}hints:
  - text:
      en: |
        Copy it:

        \`\`\`bash
        ./say.sh "{{player.name}}"
        git push
        \`\`\`
commands: |
  git clone {{repository.url}}
  cd {{repository.name}}
`,
    '01-word/starter/say.sh': '#!/bin/sh\ncp README.md said.txt\n',
    '01-word/solution/play.bash':
      "typed git clone\ntyped cd\nchmod +x say.sh\ntyped ./say.sh\ngit add said.txt\ngit commit --quiet -m 'Say it'\ntyped git push\n",
  })
  const { code, output, errors } = await prove('--folder', made, '--yes')
  assert.equal(code, 0, output + errors)
  assert.match(output, /ok +the printed lines work in bash, with core\.autocrlf=true/)
  assert.match(output, /ok +the printed lines work in bash, with core\.autocrlf=false/)
  assert.match(output, twice)
})

test('a printed line that fails, that nobody types, or that runs only without core.autocrlf is told', async () => {
  const lines = 'commands: |\n  git clone {{repository.url}}\n  cd {{repository.name}}\n  sh ring.sh\n'
  const made = await hunt({
    ...word,
    '01-word/challenge.yaml': word['01-word/challenge.yaml'] + lines,
    '01-word/starter/.gitattributes': '*.png binary\n',
    '01-word/starter/ring.sh': 'if true; then\n  echo ring\nfi\n',
    '02-other/challenge.yaml': word['01-word/challenge.yaml'].replace('id: word', 'id: other') + lines,
    '02-other/story.en.md': 'Read the README.\n',
    '02-other/starter/README.md.hbs': '{{params.word}}\n',
    '02-other/starter/ring.sh': 'exit 7\n',
    '02-other/solution/solve.sh': `${clone}cp README.md said.txt\n${finish}`,
    '02-other/solution/play.bash': `typed git clone\ntyped cd\ncp README.md said.txt\n${finish}`,
  })
  const { code, output, errors } = await prove('--folder', made, '--yes', '--format', 'json')
  assert.equal(code, 1, errors)
  const { steps } = proof.parse(JSON.parse(output))
  const whyOf = (challenge: string, autocrlf: boolean) =>
    steps.find((one) => one.challenge === challenge && one.name.endsWith(`autocrlf=${autocrlf}`))?.why ??
    'it is ok'
  assert.match(whyOf('word', true), /\$ sh ring\.sh\n.*syntax error/i)
  assert.equal(whyOf('word', false), 'it is ok')
  for (const autocrlf of [true, false])
    assert.match(whyOf('other', autocrlf), /Nobody has typed this printed line: sh ring\.sh/)
})
