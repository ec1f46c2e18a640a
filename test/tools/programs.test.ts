import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../src/lib/root.ts'
import { howToGet, inKubebox, readOrigins, smallestSystem, type Origin } from '../helpers/board/origins.ts'
import { startsInScripts } from '../helpers/programs/scripts.ts'
import { programsIn } from '../helpers/programs/shell-lines.ts'
import { parseSource, parseSources } from '../helpers/programs/sources.ts'
import { startsIn, type Start } from '../helpers/programs/starts.ts'

const root = packageRoot()

void test('whatever tests, benchmarks, solutions, scripts and the server start is brought by what .ci/run runs', () => {
  const starts = [...startsIn(parseSources(root, ['src', 'test', 'bench'])), ...startsInScripts(root)]
  assert.deepEqual(faultsOf(starts, readOrigins()), [])
  // A reader that has gone blind finds nothing wrong.
  const found = new Set(starts.map(({ program }) => program))
  assert.ok(found.size > 60, [...found].join(' '))
  for (const finder of ['path', 'tool', 'shell']) {
    const count = starts.filter((start) => start.finder === finder).length
    assert.ok(count > 40, `${count} by ${finder}`)
  }
})
