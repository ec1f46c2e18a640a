import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../src/lib/root.ts'

/** What brings a program: Debian or Node as they are, a package that .ci/run installs, tools/build, or a person. */
export type Origin =
  { from: 'system' | 'package' | 'build'; name: string } | { from: 'hand'; name: string; how: string }

/** Programs of Debian's smallest system by their packages, each of which is essential or required. */
export const smallestSystem: Readonly<Record<string, string>> = {
  bash: 'bash',
  coreutils: `basename cat chmod cksum cp cut date dd dirname du head id install ln ls mkdir mkfifo mktemp mv paste realpath rm sleep sort
    tail tee test touch tr wc`,
  dash: 'sh',
  dpkg: 'dpkg-query',
  findutils: 'find xargs',
  grep: 'grep',
  gzip: 'gzip',
  mawk: 'awk',
  mount: 'mount umount',
  passwd: 'useradd',
  sed: 'sed',
  tar: 'tar',
  'util-linux': 'nsenter',
  apt: 'apt-get',
}

const ofNode = ['node', 'npm', 'npx']
/** What tools/build makes as one file. */
export const inKubebox = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
]

// Not of the board: `make tools` does without.
const leftOut = ['kubectl', 'schemathesis']

/** By program, and by path where a package is known by a file. */
export function readOrigins(): ReadonlyMap<string, Origin> {
  const built = builtPrograms()
  return new Map<string, Origin>([
    ...ofNode.map((program) => [program, { from: 'system', name: 'nodejs' }] as const),
    ...named(Object.entries(smallestSystem), 'system'),
    ...named(packages(), 'package'),
    ...built.map((name) => [name, { from: 'build', name }] as const),
    ...inKubebox.map((program) => [program, { from: 'build', name: 'kubebox' }] as const),
    ['go', { from: 'hand', name: 'go', how: 'install Go from https://go.dev/dl/' }],
  ])
}

/** What to do where these programs are missing, such as `run "apt-get install skopeo"`. */
export function howToGet(programs: readonly string[]): string {
  const origins = readOrigins()
  const found = programs.map((program) => origins.get(program) ?? byHand(program))
  const packages = namesOf(found.filter(({ from }) => from === 'system' || from === 'package'))
  const built = namesOf(found.filter(({ from }) => from === 'build'))
  const commands = [
    ...(packages.length > 0 ? [`"apt-get install ${packages.join(' ')}"`] : []),
    ...leftOut.filter((name) => built.includes(name)).map((name) => `"tools/build ${name}"`),
    ...(built.some((name) => !leftOut.includes(name)) ? ['"make tools"'] : []),
  ]
  const ways = [
    ...(commands.length > 0 ? [`run ${commands.join(' and ')}`] : []),
    ...found.flatMap((one) => (one.from === 'hand' ? [one.how] : [])),
  ]
  const elsewhere = built.length > 0 ? ', or name a folder that has them by SHAMBHALA_TOOLS=…' : ''
  return ways.join(' and ') + elsewhere
}

function byHand(program: string): Origin {
  return { from: 'hand', name: program, how: `put ${program} on PATH` }
}

function namesOf(origins: readonly Origin[]): string[] {
  return [...new Set(origins.map(({ name }) => name))]
}

function named(list: readonly (readonly [string, string])[], from: 'system' | 'package'): [string, Origin][] {
  return list.flatMap(([name, programs]) =>
    programs.split(/\s+/).map((program): [string, Origin] => [program, { from, name }]),
  )
}

/** As .ci/run reads them. */
function packages(): (readonly [string, string])[] {
  const lines = readFileSync(join(packageRoot(), '.ci', 'packages'), 'utf8').split('\n')
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...programs] = line.split(' ')
      return [name, programs.join(' ')] as const
    })
}

/** Those of the catalog of tools/build. */
function builtPrograms(): string[] {
  const text = readFileSync(join(packageRoot(), 'tools', 'build'), 'utf8')
  const catalog = /^catalog='\n([^']*)'/m.exec(text)?.[1] ?? ''
  return catalog
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
}
