import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { describe, test, type TestContext } from 'node:test'
import { addressesIn } from '../../../src/board/cluster/canary.ts'
import { readReached, scriptFor, type Target } from '../../../src/board/cluster/network-targets.ts'
import { signalGroup } from '../../../src/lib/process.ts'
import { busyboxPath } from '../../helpers/board/node-parts.ts'
import { run } from '../../helpers/board/run.ts'
import { lacksNode } from '../../helpers/node.ts'

describe('the isolation probe of the network', { skip: lacksNode() }, () => {
  test('finds a neighbour that only IPv6 leads to, at the addresses that the neighbour gave itself too', async (context) => {
    const { here, there } = await openLink(context)
    await address(here, 'fd77::1/64')
    await address(there, 'fd77::2/64')
    listen(context, there)
    const [given, own] = addressesIn(await inside(there, 'cat /proc/net/if_inet6')).toSorted()
    assert.equal(given, 'fd77:0:0:0:0:0:0:2')
    assert.match(own ?? '', /^fe80:/)
    for (const host of [given, own])
      assert.deepEqual([...((await tried(here, [to('neighbour', host ?? '')])) ?? []).keys()].sort(), [
        'control',
        'neighbour',
      ])
  })

  test('finds nothing where nobody listens, and nothing at all by an image that cannot connect', async (context) => {
    const { here } = await openLink(context)
    const targets = [to('neighbour', 'fe80::2'), to('nowhere', '192.0.2.1'), to('unnamed', '$NOT_SET')]
    assert.deepEqual([...((await tried(here, targets)) ?? []).keys()], ['control'])
    assert.equal(await tried(here, targets, 'nc() { false; }\ntimeout() { false; }\n'), undefined)
  })
})

const port = 8080
const to = (id: string, host: string): Target => ({ id, expected: 'refused', ways: [{ host, port }] })

/** Two networks with a link between them, which stand for two pods of one bridge. */
async function openLink(context: TestContext): Promise<{ here: string; there: string }> {
  const mark = randomBytes(3).toString('hex')
  const [here, there] = [`hunt-${mark}-a`, `hunt-${mark}-b`]
  for (const name of [here, there]) {
    await run('ip', ['netns', 'add', name])
    context.after(() => run('ip', ['netns', 'delete', name]))
  }
  await run('ip', ['-n', here, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', there])
  for (const name of [here, there]) {
    await inside(name, 'echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad')
    for (const link of ['lo', 'eth0']) await run('ip', ['-n', name, 'link', 'set', link, 'up'])
  }
  return { here, there }
}

async function address(network: string, given: string): Promise<void> {
  await run('ip', ['-n', network, 'address', 'add', given, 'dev', 'eth0', 'nodad'])
}

async function inside(network: string, script: string): Promise<string> {
  return await run('ip', ['netns', 'exec', network, busyboxPath(), 'sh', '-c', script])
}

/** As the canary does. */
function listen(context: TestContext, network: string): void {
  const script = `while true; do echo canary | nc -l -p ${port}; done`
  const child = spawn('ip', ['netns', 'exec', network, busyboxPath(), 'sh', '-c', script], { detached: true })
  context.after(() => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
  })
}

async function tried(
  network: string,
  targets: Target[],
  before = '',
): Promise<Map<string, string> | undefined> {
  return readReached(await inside(network, `${before}${scriptFor(targets)}`))
}
