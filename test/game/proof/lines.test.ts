import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printedLines } from '../../../src/game/proof/lines.ts'

test('what is to be typed are the lines of a stage and the marked blocks of its texts, each once', () => {
  const hint = [
    'Read it, then:',
    '',
    '```bash',
    '# not typed',
    'git add map.txt',
    'helm install caravan \\',
    '  --wait',
    '```',
    '',
    '1. In a list:',
    '   ```console',
    '   $ kubectl get pods',
    '   NAME   READY',
    '   ```',
    '',
    '```yaml',
    'kind: Pod',
    '```',
  ].join('\n')
  assert.deepEqual(
    printedLines({ commands: 'git clone x\ncd x\n', texts: ['`git log` helps', hint, hint] }),
    ['git clone x', 'cd x', 'git add map.txt', 'helm install caravan --wait', 'kubectl get pods'],
  )
  assert.deepEqual(printedLines({ commands: null, texts: [] }), [])
})
