import assert from 'node:assert/strict'
import { test } from 'node:test'
import { join } from 'node:path'
import { packageRoot } from '../../src/lib/root.ts'
import { startGame } from '../helpers/game.ts'

const challenges = join(packageRoot(), 'test', 'fixtures', 'hunt-small')

test('a process that only works tells that it lives and what it measures, and shows no page', async () => {
  const hunt = await startGame({ challenges, roles: ['work'] })
  try {
    const status = async (path: string) => (await fetch(`${hunt.url}${path}`)).status
    assert.equal(await status('/healthz'), 200)
    assert.equal(await status('/readyz'), 200)
    assert.match(await (await fetch(`${hunt.url}/metrics`)).text(), /shambhala_submissions/)
    for (const path of ['/', '/leaderboard', '/api/v1/hunt']) assert.equal(await status(path), 404)
  } finally {
    await hunt.close()
  }
})

test('a process that only answers people judges nothing by itself', async () => {
  const hunt = await startGame({ challenges, roles: ['web'] })
  try {
    const player = await hunt.register('Tenzin')
    const asked = await fetch(`${hunt.url}/api/v1/challenges/first/submissions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${player.token}` },
    })
    assert.equal(asked.status, 202)
    const { id } = (await asked.json()) as { id: string }
    const seen = await fetch(`${hunt.url}/api/v1/submissions/${id}?wait=2`, {
      headers: { Authorization: `Bearer ${player.token}` },
    })
    assert.equal(((await seen.json()) as { status: string }).status, 'queued')
  } finally {
    await hunt.close()
  }
})
