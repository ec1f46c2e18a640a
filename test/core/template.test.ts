import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileText, renderSpec } from '../../src/core/template.ts'
import { namedValues, templateFault } from '../../src/core/template-syntax.ts'

test('an author’s template shows facts with its helpers', () => {
  const facts = { git: { head: '3f2a91cffff', branches: { main: '1', east: '2' }, parents: ['a', 'b'] } }
  assert.equal(
    compileText('{{short git.head}} has {{size git.branches}}: {{join git.parents " and "}}', facts),
    '3f2a91c has 2: a and b',
  )
  assert.equal(compileText('{{#if git.none}}yes{{else}}no{{/if}} {{git.none}}', facts), 'no –')
})

test('a template that a player wrote into a commit is shown, not rendered', () => {
  const subject = '{{params.word}} {{{constructor}}} {{#each this}}x{{/each}}'
  assert.equal(compileText('{{subject}}', { subject, params: { word: 'secret' } }), subject)
})

test('numbers are grouped as their language does, and places are counted from one', () => {
  const facts = { total: 26227718, sizes: [4194304, 12], steps: [{ layer: 0 }, { layer: 1 }] }
  const text =
    '{{number total}}: {{#each sizes}}{{number this}} {{/each}}{{#each steps}}{{nth layer}}{{/each}}'
  assert.equal(compileText(text, facts), '26,227,718: 4,194,304 12 12')
  assert.equal(compileText(text, facts, 'fr'), '26\u202f227\u202f718: 4\u202f194\u202f304 12 12')
  assert.equal(compileText('{{number none}} {{nth none}}', facts), '– –')
})

test('prototypes are out of reach', () => {
  assert.equal(
    compileText('{{constructor.name}}{{__proto__.x}}{{text.toString.name}}', { text: 'abc' }),
    '–––',
  )
})

test('a template with a fault, or a helper that there is not, is told when the hunt is loaded', () => {
  assert.notEqual(templateFault('{{#if}}'), null)
  assert.notEqual(templateFault('{{lookup a b}}{{log "x"}}{{nothing x}}'), null)
  assert.equal(templateFault('{{short git.head}}'), null)
})

test('what would break only while a player is judged is refused when the hunt is loaded', () => {
  const refused = [
    '{{log "x"}}',
    '{{lookup a b}}',
    '{{#with a}}x{{/with}}',
    '{{> part}}',
    '{{* deco}}',
    '{{#foo}}x{{/foo}}',
  ]
  refused.push(
    '{{#*inline "x"}}a{{/inline}}',
    '{{join}}',
    '{{short (join a)}}',
    '{{#if a b}}x{{/if}}',
    '{{#if a}}x{{/unless}}',
  )
  for (const template of refused) assert.notEqual(templateFault(template), null, template)
  const accepted = [
    '{{{a.b}}}',
    '{{#if a}}x{{else if b}}y{{else}}z{{/if}}',
    '{{#each a}}{{@index}} {{this}}{{/each}}',
  ]
  for (const template of accepted) assert.equal(templateFault(template), null, template)
})

test('what cannot be seen is written out, lists and objects are readable, and nothing is a dash', () => {
  const facts = {
    subject: 'a\u001b[31m\u202eb\nc\n',
    list: [1, 'x'],
    map: { a: 1 },
    none: null,
    empty: '',
    zero: 0,
  }
  assert.equal(compileText('{{subject}}', facts), 'a\\u{1b}[31m\\u{202e}b\\nc')
  assert.equal(compileText('{{list}} {{map}} {{join list}} {{count map}}', facts), '[1,"x"] {"a":1} 1, x 1')
  assert.equal(compileText('{{none}} {{empty}} {{short empty}} {{join none}} {{zero}}', facts), '– – – – 0')
})

test('each goes through so many items that loops in loops stay quick', () => {
  const many = Array.from({ length: 2000 }, (_, index) => index)
  const loops = '{{#each many}}{{#each ../many}}.{{/each}}{{/each}}'
  assert.equal(compileText(loops, { many }).length, 100 * 100)
  assert.notEqual(templateFault('{{#each a}}{{#each b}}{{#each c}}x{{/each}}{{/each}}{{/each}}'), null)
})

test('the values that a template names are known, with their places', () => {
  const template =
    '{{short git.head}}\n{{#if git.found}}{{params.a}}{{else}}{{../x}}{{/if}}{{#each git.c}}{{s}}{{/each}}'
  const names = namedValues(template).map(({ parts, line, column }) => `${line}:${column} ${parts.join('.')}`)
  assert.deepEqual(names, ['1:8 git.head', '2:6 git.found', '2:19 params.a', '2:60 git.c'])
})

test('values of the player are put into every string of a check’s spec', () => {
  const spec = { text: ['{{params.file}}'], history: { '{{params.key}}': ['x'] }, commits: 3 }
  assert.deepEqual(renderSpec(spec, { params: { file: 'a.txt', key: 'k1' } }), {
    text: ['a.txt'],
    history: { k1: ['x'] },
    commits: 3,
  })
})
