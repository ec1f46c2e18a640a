import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { outwardInterfaces } from '../../src/lib/lan.ts'

// A folder stands for what the kernel tells of interfaces: no machine has all sorts of them.
const cards = ['eth0/device', 'wlp2s0/device']
const bridge = [
  'br0/bridge',
  'br0/lower_eth0',
  'br0/lower_vnet0',
  'vnet0',
  'eth0.7/lower_eth0',
  'bond0/lower_wlp2s0',
]
const inner = [
  'docker0/bridge',
  'veth12ab',
  'hunt-node0/bridge',
  'hunt-pods0/lower_veth12ab',
  'wg0',
  'virbr0/bridge',
]

async function links(t: TestContext, paths: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-links-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const path of paths) await mkdir(join(folder, path), { recursive: true })
  return folder
}

const namesIn = (paths: string[]) => [...new Set(paths.map((path) => path.split('/')[0] ?? ''))]

test('the local network is reached by cards and what carries them, not by bridges of containers', async (t) => {
  const all = [...cards, ...bridge, ...inner]
  const folder = await links(t, all)
  assert.deepEqual(outwardInterfaces([...namesIn(all), 'eth0:1'], folder), [
    'eth0',
    'wlp2s0',
    'br0',
    'eth0.7',
    'bond0',
    'eth0:1',
  ])
})

test('where there are no cards, as in a container, every interface may lead out', async (t) => {
  const folder = await links(t, ['eth0'])
  assert.deepEqual(outwardInterfaces(['eth0'], folder), ['eth0'])
})

test('where the kernel tells nothing, names say what is virtual', () => {
  const names = ['en0', 'awdl0', 'utun3', 'bridge100', 'en7']
  assert.deepEqual(outwardInterfaces(names, '/nowhere'), ['en0', 'en7'])
})
