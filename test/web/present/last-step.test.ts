import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadChecks } from '../../../src/checks/index.ts'
import { lastStep } from '../../../src/core/challenge.ts'
import { loadHunt } from '../../../src/game/hunt/load-hunt.ts'
import { tellsReasons } from '../../../src/game/judging/hints.ts'
import { asksFor } from '../../../src/web/present/stage-page.ts'
import { packageRoot } from '../../../src/lib/root.ts'

test('a stage says before its first verdict what makes one: an answer, a push, an image or the cluster, never a button to press', async () => {
  const { hunt } = await loadHunt(join(packageRoot(), 'challenges'), await loadChecks())
  const steps = Object.fromEntries(hunt?.challenges.map((one) => [one.id, lastStep(one)]) ?? [])
  assert.deepEqual(steps, {
    'torn-map': 'push',
    'sealed-whisper': 'answer',
    'silent-bell': 'push',
    'leaked-key': 'push',
    'witness-bridge': 'push',
    'cold-kitchen': 'cluster',
    'charted-village': 'cluster',
    'own-name': 'cluster',
    'light-pack': 'both',
    'warm-wax': 'image',
    caravan: 'cluster',
  })
  for (const language of ['en', 'fr']) {
    const file = join(packageRoot(), 'src', 'web', 'locales', `${language}.json`)
    const words = JSON.parse(readFileSync(file, 'utf8')) as {
      verdict: { noneYet: Record<string, string> }
    }
    for (const step of Object.values(steps)) assert.ok(words.verdict.noneYet[step], `${language} ${step}`)
    assert.doesNotMatch(JSON.stringify(words), /press Check|with Check|appuie sur Vérifier|avec Vérifier/)
  }
})

test('a stage names the servers that ask for a token where its lines are typed, and none where they talk to none', async () => {
  const { hunt } = await loadHunt(join(packageRoot(), 'challenges'), await loadChecks())
  const asks = Object.fromEntries(
    hunt?.challenges.map((one) => [one.id, asksFor(one.commands ?? null, one.needs.includes('registry'))]) ??
      [],
  )
  assert.deepEqual(
    [asks['torn-map'], asks['own-name'], asks['light-pack'], asks['warm-wax']],
    ['git', null, 'both', 'registry'],
  )
})

test('stories and hints call the page of the workspace as it is headed, lead to it, and let no full stop stick to a line to type', async () => {
  const folder = join(packageRoot(), 'challenges')
  const { hunt } = await loadHunt(folder, await loadChecks())
  let led = 0
  for (const language of ['en', 'fr'] as const) {
    const file = join(packageRoot(), 'src', 'web', 'locales', `${language}.json`)
    const { workspace } = JSON.parse(readFileSync(file, 'utf8')) as { workspace: { title: string } }
    for (const { id, story, hints } of hunt?.challenges ?? [])
      for (const text of [story, ...hints.map((hint) => hint.text)].map((one) => one[language] ?? '')) {
        assert.doesNotMatch(text, /\*Workspace\*|\*Espace de travail\*|\.`\./, `${id} ${language}`)
        for (const [, name] of text.matchAll(/\[\*([^*]+)\*\]\(\/workspace\)/g)) {
          assert.equal(name, workspace.title, id)
          led += 1
        }
      }
  }
  assert.equal(led, 8)
})

test('a stage whose reasons are to be found out tells them once every hint is taken', () => {
  const hints = (...taken: boolean[]) => taken.map((one) => ({ taken: one }))
  assert.equal(tellsReasons({ diagnosis: 'always' }, hints(false, false)), true)
  assert.equal(tellsReasons({ diagnosis: 'after-hints' }, hints(true, false)), false)
  assert.equal(tellsReasons({ diagnosis: 'after-hints' }, hints(true, true)), true)
})
