import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typeset } from '../../src/core/typeset.ts'

test('French marks hold on to their word', () => {
  assert.equal(
    typeset('aucun témoin ; 50 % ? « oui » : non !', 'fr'),
    'aucun témoin\u00a0; 50\u00a0%\u00a0? «\u00a0oui\u00a0»\u00a0: non\u00a0!',
  )
  assert.equal(typeset('one ; two', 'en'), 'one ; two')
})

test('what is code is typed as it is read, also in French', () => {
  for (const code of ['`printf %s`', '`git push origin :vieux`', '`!important`'])
    assert.equal(typeset(code, 'fr'), code)
})
