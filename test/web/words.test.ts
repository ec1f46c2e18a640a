import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../src/lib/root.ts'
import { createTexts } from '../../src/web/view/texts.ts'
import { createViews } from '../../src/web/view/view.ts'
import { gallery } from '../helpers/gallery.ts'

const languages = ['en', 'fr'] as const
const views = createViews({ root: join(packageRoot(), 'views'), languages })
const [en, fr] = languages.map((language) => {
  const pages = gallery(views, language)
  return (name: string) => textOf(pages[name]?.() ?? '')
}) as [(name: string) => string, (name: string) => string]

test('French keeps its marks at the word before, on the same line, whoever wrote the text', () => {
  const { t } = createTexts(languages)
  const french = keysOf(
    JSON.parse(readFileSync(join(packageRoot(), 'src/web/locales/fr.json'), 'utf8')) as object,
  )
  const bad = french
    .map((key) => t('fr', key))
    .filter((text) => /(?<!\u00a0)[;:?!%»](?=\s|$)|«(?!\u00a0)/.test(text))
  assert.deepEqual(bad, [])
  assert.equal(t('en', 'token.once'), 'Nobody can read it later: copy it now.')
})

test('no template sets a mark that the languages space differently', () => {
  for (const folder of ['layouts', 'pages', 'partials']) {
    const path = join(packageRoot(), 'views', folder)
    for (const file of readdirSync(path)) {
      const bare = readFileSync(join(path, file), 'utf8')
        .replace(/\{\{[\s\S]*?\}\}/g, '')
        .replace(/<(style|script)[\s\S]*?<\/\1>|<!?[^>]*>/g, '')
        .replace(/&\w+;/g, '')
      assert.doesNotMatch(bare, /[;:?!%]/, file)
    }
  }
})

test('what is kept in a pause is headed so, and not as something that is looked at soon', () => {
  assert.match(en('stage-held'), /Kept until the hunt goes on by push 12 Mar, 19:41 to come/)
  assert.match(fr('stage-held'), /Gardée jusqu’à la reprise par push 12 mars, 19:41 à venir/)
  assert.match(en('me'), /Kept until the hunt goes on by push/)
})

test('a stage with no verdict yet says in a pause from when what is changed now counts', () => {
  assert.match(
    en('stage-none-paused'),
    /What you change on the cluster now counts from when the hunt goes on\./,
  )
  assert.doesNotMatch(en('stage-none-paused'), /read here what comes of it/)
  assert.match(
    fr('stage-none-paused'),
    /Ce que tu changes maintenant sur le cluster compte à partir de la reprise\./,
  )
})

test('the rank beside a solve is told as the one of now', () => {
  assert.match(en('stage-passed'), /you are now 3rd/)
  assert.match(fr('stage-passed'), /tu es maintenant 3e/)
})

test('the lists of what was sent say from when it counts, where that is not its receipt', () => {
  for (const page of ['me', 'stage', 'desk']) {
    assert.match(en(page), /19:41 · counts from [^·]*20:00:03/, page)
    assert.match(fr(page), /19:41 · compte depuis le [^·]*20:00:03/, page)
  }
})

test('what is under way is said to be judged at a time at the latest', () => {
  assert.match(en('stage-pending'), /As it stands, it is judged at the latest at 19:56/)
  assert.match(fr('stage-pending'), /Jugé tel quel au plus tard à 19:56/)
})

function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ')
}

function keysOf(words: object, path = ''): string[] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${path}${key}`] : keysOf(value as object, `${path}${key}.`),
  )
}
