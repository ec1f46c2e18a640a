import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { buildStarter } from '../../src/game/starters/starter.ts'
import { packageRoot } from '../../src/lib/root.ts'

const chart = join(packageRoot(), 'charts', 'village')
const challenge = join(packageRoot(), 'challenges', '07-charted-village')
const values = {
  params: { greeting: 'Mind the yak' },
  player: { slug: 'tara', name: 'Tara' },
  hunt: { images: 'registry.example.org/hunt/' },
  registry: { host: 'registry.example.org', path: 'registry.example.org/tara' },
}

async function handedOut(branch: string): Promise<Map<string, string>> {
  const history = await buildStarter(challenge, values)
  const commit = history?.commits.find(({ id }) => id === history.branches[branch])
  return new Map(commit?.files.map(({ path, content }) => [path, content.toString()]))
}

test('players are handed the very chart of this project, and values that name the hunt’s own image', async () => {
  const files = await handedOut('main')
  const entries = await readdir(chart, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(chart.length + 1))
  const inChart = [...files.keys()].filter((path) => path.startsWith('village/'))
  assert.deepEqual(inChart.sort(), paths.map((path) => `village/${path}`).sort())
  for (const path of paths)
    assert.equal(files.get(`village/${path}`), await readFile(join(chart, path), 'utf8'), path)
  assert.deepEqual(parse(files.get('values.yaml') ?? ''), {
    image: { repository: 'registry.example.org/hunt/village' },
  })
})

test('spring is the same chart with two other numbers, and the program of the second was never built', async () => {
  const [main, spring] = [await handedOut('main'), await handedOut('spring')]
  const file = 'village/Chart.yaml'
  const [before, after] = [main, spring].map((files) => parse(files.get(file) ?? '') as object)
  assert.deepEqual(after, { ...before, version: '1.1.0', appVersion: '1.1.0-thaw' })
  for (const path of new Set([...main.keys(), ...spring.keys()]))
    if (path !== file) assert.equal(spring.get(path), main.get(path), path)
})
