import assert from 'node:assert/strict'
import { get } from 'node:http'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageRoot } from '../../src/lib/root.ts'
import { submissionModel } from '../../src/web/present/submission.ts'
import { submissionById } from '../../src/db/submissions.ts'
import { startGame, type TestGame } from '../helpers/game.ts'
import { apiOf } from '../helpers/api.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({
    challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small'),
    settings: { TRUST_PROXY: 'loopback' },
  })
})
after(() => hunt.close())

/** fetch would not let a Host through. */
async function read(path: string, headers: Record<string, string> = {}): Promise<string> {
  return await new Promise((resolve, reject) => {
    get(`${hunt.url}${path}`, { headers }, (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => (text += chunk))
      res.on('end', () => resolve(text))
    }).on('error', reject)
  })
}

test('nobody’s cookie decides in which language others read the leaderboard', async () => {
  const cookie = await languageCookie()
  for (const value of ['"fr"', 'fr', 'j:"fr"', '%66r', 'fr%20', 'de']) {
    await changed()
    await read('/leaderboard', { Cookie: `${cookie}=${value}`, 'Accept-Language': 'en' })
    const page = await read('/leaderboard', { 'Accept-Language': 'en' })
    assert.match(page, /<html lang="en"/, value)
    await changed()
    await read('/leaderboard', { 'Accept-Language': 'en' })
    const french = await read('/leaderboard', { Cookie: `${cookie}=fr`, 'Accept-Language': 'en' })
    assert.match(french, /<html lang="fr"/, value)
  }
})

test('nobody’s host stands on the screen that others see', async () => {
  for (const headers of [
    { 'X-Forwarded-Host': 'evil.example' },
    { Host: 'evil.example' },
    { 'X-Forwarded-Proto': 'https' },
    { 'X-Forwarded-Host': 'evil.example, localhost' },
  ]) {
    await changed()
    await read('/leaderboard?screen', headers)
    const page = await read('/leaderboard?screen')
    assert.ok(page.includes(`${hunt.url}/join`), JSON.stringify(headers))
    assert.doesNotMatch(page, /evil\.example|https:\/\/localhost/)
  }
})

test('looking at a stage that one has solved tells nobody of it again', async () => {
  const ask = apiOf(hunt.url)
  const player = await hunt.register('Reader')
  const [row] = await hunt.game.sql<
    [{ id: string }]
  >`insert into submissions (player_id, challenge_id, trigger, status, verdict, finished_at)
    values (${player.playerId}, 'first', 'button', 'done', 'passed', now()) returning id`
  await hunt.game.sql`
    insert into solves (player_id, challenge_id, submission_id, solved_at, points, hints_cost)
    values (${player.playerId}, 'first', ${row.id}, now(), 10, 0)`
  await changed()
  const { version } = hunt.game.leaderboard
  const submission = await submissionById(hunt.game.sql, row.id)
  assert.ok(submission)
  for (let round = 0; round < 3; round += 1) {
    const { solve } = await submissionModel(hunt.game, submission, 'en')
    assert.equal(solve?.rank, 1)
    assert.equal((await ask('GET', '/me', { token: player.token })).status, 200)
  }
  await sleep(600)
  assert.equal(hunt.game.leaderboard.version, version)
})

/** Everything that was prepared is out of date, and nothing more is under way. */
async function changed(): Promise<void> {
  const published = new Promise<void>((resolve) => {
    const off = hunt.game.leaderboard.subscribe(() => {
      off()
      resolve()
    })
  })
  await hunt.game.leaderboard.rebuild()
  await published
}

async function languageCookie(): Promise<string> {
  const answer = await fetch(`${hunt.url}/language`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ language: 'fr', back: '/' }),
  })
  const [, name = ''] = /^([^=]+)=fr/.exec(answer.headers.getSetCookie()[0] ?? '') ?? []
  assert.notEqual(name, '')
  return name
}
