import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../src/lib/root.ts'

const longest = 400

test('no line of a template is so long that nobody sees what a change of it changed', () => {
  const views = join(packageRoot(), 'views')
  const files = readdirSync(views, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.hbs'),
  )
  assert.ok(files.length > 30)
  const long = files.flatMap((file) =>
    readFileSync(join(views, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        line.length > longest ? [`${file}:${index + 1}: ${line.length} characters`] : [],
      ),
  )
  assert.deepEqual(long, [])
})
