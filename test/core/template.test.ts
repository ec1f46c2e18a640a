import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileText, renderSpec, templateFault } from '../../src/core/template.ts'

test('an author’s template shows facts with its helpers', () => {
  const facts = { git: { head: '3f2a91cffff', branches: { main: '1', east: '2' }, parents: ['a', 'b'] } }
  assert.equal(
    compileText('{{short git.head}} has {{size git.branches}}: {{join git.parents " and "}}', facts),
    '3f2a91c has 2: a and b',
  )
  assert.equal(compileText('{{#if git.none}}yes{{else}}no{{/if}} {{git.none}}', facts), 'no ')
})

test('a template that a player wrote into a commit is shown, not rendered', () => {
  const subject = '{{params.word}} {{{constructor}}} {{#each this}}x{{/each}}'
  assert.equal(compileText('{{subject}}', { subject, params: { word: 'secret' } }), subject)
})

test('prototypes are out of reach', () => {
  assert.equal(compileText('{{constructor.name}}{{__proto__.x}}{{text.toString.name}}', { text: 'abc' }), '')
})

test('a template with a fault, or a helper that there is not, is told when the hunt is loaded', () => {
  assert.notEqual(templateFault('{{#if}}'), null)
  assert.notEqual(templateFault('{{lookup a b}}{{log "x"}}{{nothing x}}'), null)
  assert.equal(templateFault('{{short git.head}}'), null)
})

test('values of the player are put into every string of a check’s spec', () => {
  const spec = { text: ['{{params.file}}'], history: { '{{params.key}}': ['x'] }, commits: 3 }
  assert.deepEqual(renderSpec(spec, { params: { file: 'a.txt', key: 'k1' } }), {
    text: ['a.txt'],
    history: { k1: ['x'] },
    commits: 3,
  })
})
