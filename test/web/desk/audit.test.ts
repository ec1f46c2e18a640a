import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { loadChecks } from '../../../src/checks/index.ts'
import { auditActions, type AuditRow } from '../../../src/db/audit.ts'
import { loadHunt } from '../../../src/game/hunt/load-hunt.ts'
import type { Hunt } from '../../../src/core/hunt.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { auditEntry } from '../../../src/web/desk/audit/present.ts'
import { createViews } from '../../../src/web/view/view.ts'
import { deskSample } from '../../helpers/gallery-desk.ts'
import { samples } from '../../helpers/gallery-models.ts'
import { organizer, pagesIn } from '../../helpers/gallery-page.ts'

const views = createViews({ root: join(packageRoot(), 'views'), languages: ['en', 'fr'] })
let hunt: Hunt
before(async () => {
  const loaded = await loadHunt(join(packageRoot(), 'challenges'), await loadChecks())
  assert.ok(loaded.hunt)
  hunt = loaded.hunt
})

const plain: AuditRow = {
  id: '1',
  at: new Date('2027-03-12T19:00:00Z'),
  memberId: '7',
  memberName: 'Tara',
  action: '',
  subject: 'hunt',
  subjectName: null,
  detail: {},
}

/** What the desk says after the time, of each of these rows of the log. */
function allTold(language: 'en' | 'fr', rows: readonly Partial<AuditRow>[]): string[] {
  const audit = rows.map((row) => auditEntry({ hunt }, { ...plain, ...row }, language))
  const desk = { ...deskSample(samples(language)), audit }
  const html = pagesIn(views, language)('desk', '/desk', desk, { reader: organizer })()
  const [, list = ''] = /<ol class="audit">([\s\S]*?)<\/ol>/.exec(html) ?? []
  return [...list.matchAll(/<\/time><\/span>([\s\S]*?)<\/li>/g)].map(([, item = '']) =>
    item
      .replace(/<[^>]*>/g, '')
      .replace(/\s+/g, ' ')
      .trim(),
  )
}

const told = (language: 'en' | 'fr', row: Partial<AuditRow>) => allTold(language, [row])[0]

const details = [
  {},
  { price: 0, number: 1 },
  { items: ['Job climb: example.org/never'] },
  { deleted: 3, left: 1, unseen: 0 },
  { digest: 'sha256:0a1b' },
  { images: ['chest:1.0'] },
  { start: null, end: '2027-03-12T20:00:00+01:00' },
  { registration: 'code', code: true },
  { registration: 'closed', code: false },
  { text: { en: 'Soup', fr: 'Soupe' } },
  { text: null },
]
const subjects = [
  { subject: 'hunt', subjectName: null },
  { subject: 'token 1', subjectName: null },
  { subject: 'member 7', subjectName: 'Tara' },
  { subject: 'player 12', subjectName: 'Pauline' },
  { subject: 'player 12: cold-kitchen', subjectName: 'Pauline' },
  { subject: 'player 12: cold-kitchen', subjectName: null },
]

const data = /[{}⟦_]|&quot;|null|undefined|player \d|member |token \d|sha256|(\b\p{L}+\b) \1\b/u

for (const action of auditActions)
  test(`the desk tells “${action}” in one sentence of each language, without data`, () => {
    const rows = subjects.flatMap((subject) => details.map((detail) => ({ action, detail, ...subject })))
    const [en, fr] = [allTold('en', rows), allTold('fr', rows)]
    assert.equal(en.length, rows.length)
    for (const text of [...en, ...fr]) {
      assert.match(text, /^Tara \p{L}/u)
      assert.doesNotMatch(text, data)
    }
    for (const text of fr) assert.doesNotMatch(text, /\b(the|hunt|player|organizer|made|set|took)\b/)
    assert.ok(fr.every((text, index) => text !== en[index]))
  })

test('what was done stands with whom and what it was done to, by name and by title', () => {
  const hint = { action: 'hint-taken', subject: 'player 12: cold-kitchen', detail: { number: 1 } }
  const stage = hunt.challenges.find(({ id }) => id === 'cold-kitchen')?.title
  assert.equal(told('en', hint), `Tara took hint 1 of the stage “${stage?.en ?? ''}”`)
  assert.equal(told('fr', hint), `Tara a pris l’indice 1 de l’étape « ${stage?.fr ?? ''} »`)
  const hidden = { action: 'hidden', subject: 'player 12', subjectName: 'Pauline' }
  assert.equal(told('en', hidden), 'Tara hid Pauline')
  assert.equal(told('fr', hidden), 'Tara a masqué Pauline')
  const announced = { action: 'announced', detail: { text: { en: 'Soup', fr: 'Soupe' } } }
  assert.equal(told('fr', announced), 'Tara a annoncé : « Soupe »')
})

test('the server is named where it did it, and nobody where they have left', () => {
  const lost = { action: 'workspace-lost', memberId: null, memberName: null, subjectName: 'Pauline' }
  assert.equal(told('en', lost), 'the server made a namespace anew for Pauline that its cluster had lost')
  assert.equal(told('en', { action: 'left', memberId: null, memberName: null }), 'somebody left the hunt')
  assert.equal(told('fr', { action: 'token-created', memberName: null }), 'quelqu’un a créé un jeton')
})
