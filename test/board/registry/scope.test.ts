import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grant, readScopes } from '../../../src/board/registry/scope.ts'
import type { Caller } from '../../../src/board/registry/types.ts'

const tara: Caller = { kind: 'player', slug: 'tara' }

test('scopes come alone, several in one, and several times', () => {
  assert.deepEqual(
    readScopes(['repository:tara/a:pull', 'repository:tara/b:pull,push repository:tara/a:push']),
    [
      { type: 'repository', name: 'tara/a', actions: ['pull', 'push'] },
      { type: 'repository', name: 'tara/b', actions: ['pull', 'push'] },
    ],
  )
})

test('a class says nothing, and a name may hold a colon', () => {
  assert.deepEqual(readScopes(['repository(plugin):tara/a:pull', 'repository:localhost:5000/tara/a:pull']), [
    { type: 'repository', name: 'tara/a', actions: ['pull'] },
    { type: 'repository', name: 'localhost:5000/tara/a', actions: ['pull'] },
  ])
})

test('what is no scope is left out, and not more than fifty are read', () => {
  assert.deepEqual(readScopes(['', 'repository', 'repository:tara', ':x:y', '  ']), [])
  const many = Array.from({ length: 60 }, (_, index) => `repository:tara/${index}:pull`)
  assert.equal(readScopes(many).length, 50)
  assert.equal(readScopes([many.join(' ')]).length, 50)
})

test('a name that leads elsewhere is no name, for anybody', () => {
  const names = [
    'tara/../bob/web',
    'tara//web',
    'tara/',
    'tara/.',
    'Tara/web',
    'tara/%2e%2e/bob',
    'tara/a:b',
    `tara/${'a'.repeat(300)}`,
  ]
  const callers: Caller[] = [tara, { kind: 'robot', slug: 'tara' }, { kind: 'master' }]
  for (const name of names)
    for (const caller of callers)
      assert.deepEqual(
        grant(caller, [{ type: 'repository', name, actions: ['pull', 'push', 'delete', '*'] }]),
        { access: [], withheld: [] },
        `${caller.kind} ${name}`,
      )
})

test('a star is all that one may', () => {
  const asked = (name: string) => [{ type: 'repository', name, actions: ['*'] }]
  assert.deepEqual(grant(tara, asked('tara/a')).access[0]?.actions, ['pull', 'push', 'delete'])
  assert.deepEqual(grant(tara, asked('hunt/a')).access[0]?.actions, ['pull'])
  assert.deepEqual(grant(tara, asked('bob/a')).access, [])
  assert.deepEqual(grant({ kind: 'robot', slug: 'tara' }, asked('tara/a')).access[0]?.actions, ['pull'])
})

test('only the master lists the catalogue', () => {
  const catalogue = [{ type: 'registry', name: 'catalog', actions: ['*'] }]
  assert.deepEqual(grant({ kind: 'master' }, catalogue).access, catalogue)
  assert.deepEqual(grant(tara, catalogue).access, [])
})
