import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../src/lib/root.ts'
import { neededOfPackages } from '../helpers/board/node-parts.ts'
import { howToGet, inKubebox, readOrigins, smallestSystem, type Origin } from '../helpers/board/origins.ts'
import { lacksTools } from '../helpers/board/tools.ts'
import { startsInScripts } from '../helpers/programs/scripts.ts'
import { programsIn } from '../helpers/programs/shell-lines.ts'
import { parseSource, parseSources } from '../helpers/programs/sources.ts'
import { startsIn, type Start } from '../helpers/programs/starts.ts'

const root = packageRoot()
const starts = [...startsIn(parseSources(root, ['src', 'test', 'bench'])), ...startsInScripts(root)]

test('.ci/run brings every program that the server, tests, benchmarks, solutions and scripts start', () => {
  assert.deepEqual(faultsOf(starts, readOrigins()), [])
  // A reader that has gone blind finds no fault.
  const found = new Set(starts.map(({ program }) => program))
  assert.ok(found.size > 60, [...found].join(' '))
  for (const finder of ['path', 'tool', 'shell']) {
    const count = starts.filter((start) => start.finder === finder).length
    assert.ok(count > 40, `${count} by ${finder}`)
  }
})

test('a program that nothing brings is named with its places, and so is one that is not where it is looked for', () => {
  for (const program of ['skopeo', 'curl', 'crane', 'sed']) {
    const origins = new Map(readOrigins())
    origins.delete(program)
    const faults = faultsOf(starts, origins).filter((fault) =>
      fault.includes(` starts ${program}, which nothing`),
    )
    assert.ok(faults.length > 0, program)
  }
  const byName: Start = { program: 'crane', place: 'a.ts:1', finder: 'path' }
  assert.match(faultsOf([byName], readOrigins())[0] ?? '', /^a\.ts:1 starts crane, .* start tool\('crane'\)$/)
})

test('what make board needs of Debian is installed by the line that its page prints', () => {
  const text = readFileSync(join(root, 'docs', 'make-board.md'), 'utf8')
  const printed = /^apt-get install (.*)$/m.exec(text)?.[1]?.split(' ') ?? []
  const origins = readOrigins()
  const needed = neededOfPackages.flatMap((program) => {
    const origin = origins.get(program)
    return origin?.from === 'package' ? [origin.name] : []
  })
  assert.ok(needed.length > 7)
  assert.deepEqual(
    needed.filter((name) => !printed.includes(name)),
    [],
  )
})

test('programs are found in shell lines, behind every kind of word', () => {
  const found = (script: string) => programsIn(script).map(({ program, line }) => `${program} ${line}`)
  assert.deepEqual(found('set -e; b() { buildah "$@"; }; b push && A=1 skopeo copy | jq .'), [
    'buildah 1',
    'skopeo 1',
    'jq 1',
  ])
  assert.deepEqual(found('if curl x; then\n  y=$(wget "$(nc z)") 2>&1\nfi'), ['curl 1', 'nc 2', 'wget 2'])
  assert.deepEqual(found('case $x in a | b) c ;; *) d ;; esac >e; for f in $(g); do h; done'), [
    'c 1',
    'd 1',
    'g 1',
    'h 1',
  ])
  assert.deepEqual(found('cat <<E; f\n$(g) h\nE\ni <<"E"\n$(j)\nE'), ['cat 1', 'f 1', 'g 2', 'i 4'])
  assert.deepEqual(found("env -i A=b c | xargs -0 d; sh -c 'e; f'; trap 'g' EXIT; /usr/bin/h"), [
    'env 1',
    'c 1',
    'xargs 1',
    'd 1',
    'sh 1',
    'e 1',
    'f 1',
    'g 1',
    '/usr/bin/h 1',
  ])
})

test('programs are found through whatever hands them on', () => {
  const text = `
    import { execFile as start, spawn } from 'node:child_process'
    const run = promisify(start)
    const two = { new: 'b', old: 'c' } as const
    await run('a', ['x'])
    for (const version of ['new', 'old'] as const) await run(two[version], [])
    function detached([program, ...args]: [string, ...string[]]) { return spawn(program, args) }
    detached(['d', 'x'])
    const open = () => ({ say: (line: string) => spawn('bash', ['-c', \`set -e; \${line}\`]) })
    async function push(slug: string) { await open().say(\`e push \${slug} && \${['f', 'g'].join(' | ')}\`) }
    await push('h')
  `
  const file = 'test/made-up.ts'
  const found = startsIn(new Map([[file, parseSource(file, text)]]))
  assert.deepEqual(
    found.map(({ program, place }) => `${program} ${place.replace(`${file}:`, '')}`),
    ['a 5', 'b 6', 'c 6', 'd 8', 'bash 9', 'e 10', 'f 10', 'g 10'],
  )
})

test('what counts as Debian’s own is essential or required there, and in the package that is named', (t) => {
  if (lacksTools('dpkg-query')) return t.skip('this is no Debian')
  const names = Object.keys(smallestSystem)
  const ask = (...args: string[]) => execFileSync('dpkg-query', [...args, ...names], { encoding: 'utf8' })
  const standings = ask('--show', '--showformat', '${Package}: ${Essential} ${Priority}\n').trim().split('\n')
  for (const standing of standings) assert.match(standing, /: yes | required$/)
  const files = ask('--listfiles').split('\n\n')
  for (const [index, programs] of Object.values(smallestSystem).entries())
    for (const program of programs.split(/\s+/))
      // mawk is called by a link that is in no package.
      assert.match(files[index] ?? '', new RegExp(`^(/usr)?/s?bin/m?${program}$`, 'm'), names[index])
})

test('kubebox holds every program that is looked for in it', () => {
  const code = ['main.go', 'node_linux.go'].map((file) =>
    readFileSync(join(root, 'tools', 'kubebox', file), 'utf8'),
  )
  for (const program of inKubebox) assert.ok(code.join().includes(`"${program}"`), program)
})

test('a hint says what really brings a program', () => {
  assert.equal(howToGet(['skopeo', 'ctr', 'containerd']), 'run "apt-get install skopeo containerd"')
  const elsewhere = ', or name a folder that has them by SHAMBHALA_TOOLS=…'
  assert.equal(howToGet(['helm3', 'etcd']), `run "make tools"${elsewhere}`)
  assert.equal(howToGet(['kubectl']), `run "tools/build kubectl"${elsewhere}`)
  const all = howToGet(['buildah', 'crane', 'go', 'abacus'])
  assert.match(
    all,
    /^run "apt-get install buildah" and "make tools" and install Go .* and put abacus on PATH, or name/,
  )
})

/** What is started and not brought, with what to do. */
function faultsOf(all: readonly Start[], origins: ReadonlyMap<string, Origin>): string[] {
  const asked = all.filter((start) => start.asked)
  return all.flatMap(({ program, place, finder, asked: isAsked }) => {
    const origin = origins.get(program)
    // Of those that a script asks for in one line, one will do.
    const others = asked.filter((other) => other.place === place)
    if (isAsked && (origin || others.some((other) => origins.has(other.program)))) return []
    if (origin === undefined)
      return `${place} starts ${program}, which nothing brings: name it in .ci/packages, or in smallestSystem if a bare Debian has it`
    return origin.from === 'build' && finder === 'path'
      ? `${place} starts ${program}, which is in .tools and not on PATH: start tool('${program}')`
      : []
  })
}
