import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { solveOf } from '../../../src/db/solves.ts'
import { listSubmissions } from '../../../src/db/submissions.ts'
import { chooseLanguage } from '../../../src/game/people/language.ts'
import { refusedPush } from '../../../src/game/triggers/transcript.ts'
import { setPause, setWindow } from '../../../src/game/upkeep/desk.ts'
import { Refusal } from '../../../src/lib/errors.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { logIn } from '../../helpers/api.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'
import { openJar } from '../../helpers/jar.ts'
import { openShell, type Shell } from '../../helpers/shell.ts'
import { until } from '../../helpers/until.ts'

const small = join(packageRoot(), 'test', 'fixtures', 'hunt-small')
let hunt: TestGame
let shell: Shell

before(async () => {
  hunt = await startGame({ challenges: small })
  shell = openShell()
})
after(async () => {
  shell.remove()
  await hunt.close()
})

/** Registers, clones, and gives the folder to work in. */
async function player(name: string, language: 'en' | 'fr' = 'en') {
  const made = await hunt.register(name, language)
  const folder = made.slug
  const cloned = await shell.run(`git clone -q ${hunt.cloneUrl(made, 'first')} ${folder}`)
  assert.equal(cloned.code, 0, cloned.stderr)
  const push = (change: string, options = '') =>
    shell.run(
      `cd ${folder} && ${change} && git add -A && git commit -qm work --allow-empty && git push ${options}`,
    )
  return { ...made, folder, push }
}

async function pageTexts(language: 'en' | 'fr'): Promise<Record<string, string>> {
  const file = join(packageRoot(), 'src', 'web', 'locales', `${language}.json`)
  const { refusal } = JSON.parse(await readFile(file, 'utf8')) as { refusal: Record<string, string> }
  return refusal
}

test('the terminal tells what passed, what did not and why, and then what the solve brought', async () => {
  const ada = await player('Ada')
  const wrong = await ada.push('echo wrong > word.txt')
  assert.equal(wrong.code, 0)
  assert.match(wrong.remote[0] ?? '', /^01 · The first step +[0-9a-f]{7}$/)
  assert.deepEqual(wrong.remote.slice(1), [
    'error:   the word is written',
    '           This is not the word.',
    '           expected  the word right',
    '           saw       wrong',
    'success: the history grew',
    `hint:    1 of 2. ${hunt.url}/hunt/first`,
  ])

  const right = await ada.push('echo right > word.txt')
  assert.deepEqual(right.remote.slice(1), [
    'success: the word is written',
    'success: the history grew',
    '+100, you are 1st; opened: 02 The second step',
  ])
  const again = await ada.push('true')
  assert.deepEqual(again.remote, ['nothing open is judged here'])
  const second = await shell.run(
    `git clone -q ${hunt.cloneUrl(ada, 'second')} ${ada.folder}-second && cat ${ada.folder}-second/README.md`,
  )
  assert.match(second.stdout, /^Hello Ada, your word is \w+\.$/m)
})

test('work on a branch that is not looked at is told with the way to the one that is', async () => {
  const tell = (remote: readonly string[]) => remote.filter((line) => line.includes(' is looked at is '))
  const cara = await player('Cara')
  const onMaster = await cara.push('git switch -qc master && echo right > word.txt', 'origin master')
  assert.deepEqual(tell(onMaster.remote), [
    '           Your newest work is on master, and what is looked at is main: git push origin master:main',
  ])
  const page = await fetch(`${hunt.url}/hunt/first`, { headers: { Cookie: await logIn(hunt.url, 'Cara') } })
  assert.match(await page.text(), /Your newest work is on master/)
  const moved = await shell.run(`cd ${cara.folder} && git push origin master:main`)
  assert.ok(moved.remote.includes('success: the word is written'), moved.stderr)

  const dora = await player('Dora', 'fr')
  await dora.push('echo wrong > word.txt', 'origin main')
  const apart = await dora.push(
    'sleep 1.1; git switch -qc "it\'s" HEAD~1 && echo right > word.txt',
    'origin "it\'s"',
  )
  assert.ok(
    apart.remote.includes(
      "           Ton travail le plus récent est sur it's, et c’est main qui est regardée : git switch main, puis git merge 'it'\\''s', puis git push",
    ),
    apart.stderr,
  )
  const back = await dora.push('sleep 1.1; git switch -q main && echo wrong2 > word.txt', 'origin main')
  assert.ok(!back.stderr.includes('Ton travail'), back.stderr)

  const gita = await hunt.register('Gita')
  const anew = await shell.run(
    `git init -qb master anew && cd anew && echo right > word.txt && git add . && git commit -qm w && git push ${hunt.cloneUrl(gita, 'first')} master`,
  )
  assert.match(
    tell(anew.remote)[0] ?? '',
    /: git fetch, then git switch main, then git merge --allow-unrelated-histories master, then git push$/,
  )
})

test('the terminal speaks the player’s language, and plain ASCII when asked', async () => {
  const luc = await player('Luc', 'fr')
  const pushed = await luc.push('echo faux > word.txt')
  assert.match(pushed.remote[1] ?? '', /^error: {3}le mot est écrit$/)
  const plain = await luc.push('echo faux2 > word.txt', '-o plain')
  assert.match(plain.remote[1] ?? '', /^error: {3}le mot est ecrit$/)
  assert.ok(
    plain.remote.every((line) => /^[\x20-\x7e]*$/.test(line)),
    plain.remote.join('\n'),
  )
})

test('what a player wrote cannot move the terminal’s cursor', async () => {
  const eve = await player('Eve')
  const pushed = await eve.push(`printf 'a\\033[2Jb\\033]0;title\\007' > word.txt`)
  assert.ok(pushed.remote.some((line) => line.includes('saw')))
  assert.ok(!pushed.stderr.includes('\u001b') && !pushed.stderr.includes('\u0007'))
})

test('a push one second before the end counts though it is judged after it; one after the end does not', async () => {
  const ida = await player('Ida')
  const ben = await player('Ben')
  const organizer = ida.memberId
  const end = new Date(Date.now() + 3_600_000)
  await setWindow(hunt.game, organizer, { end: end.toISOString() })
  const { queue } = await import('../../../src/game/judging/submit.ts')
  const { challengeOf } = await import('../../../src/game/game.ts')
  const snapshotOf = async (one: typeof ida) => {
    await shell.run(
      `cd ${one.folder} && echo right > word.txt && git add -A && git commit -qm w && git push -q origin HEAD:refs/heads/side`,
    )
    const reader = hunt.game.board.forge?.reader({ slug: one.slug, name: 'first' })
    const snapshot = await reader?.snapshot()
    reader?.close()
    assert.ok(snapshot)
    return {
      first: {
        ...snapshot,
        refs: { ...snapshot.refs, 'refs/heads/main': snapshot.refs['refs/heads/side'] ?? '' },
      },
    }
  }
  const request = async (one: typeof ida, receivedAt: Date) => ({
    player: one,
    memberId: one.memberId,
    challenge: challengeOf(hunt.game, 'first'),
    trigger: 'push' as const,
    receivedAt,
    answer: null,
    snapshots: await snapshotOf(one),
  })
  const { waitForLook } = await import('../../../src/game/judging/wait.ts')
  const early = await queue(hunt.game, await request(ida, new Date(end.getTime() - 1000)))
  const late = await queue(hunt.game, await request(ben, new Date(end.getTime() + 1000)))
  await waitForLook(hunt.game, early, 10_000)
  await waitForLook(hunt.game, late, 10_000)
  const rows = await hunt.game.sql<{ id: string; verdict: string; solved: boolean }[]>`
    select s.id, s.verdict, v.player_id is not null as solved from submissions s
    left join solves v on v.submission_id = s.id where s.id in (${early}, ${late})`
  assert.deepEqual(
    new Map(rows.map((row) => [row.id, [row.verdict, row.solved]])),
    new Map([
      [early, ['passed', true]],
      [late, ['passed', false]],
    ]),
  )
  await setWindow(hunt.game, organizer, {})
})

const solved = ({ playerId }: { playerId: string }) =>
  until('the solve', 20, () => solveOf(hunt.game.sql, playerId, 'first'))

test('a push during a pause is judged by itself when the hunt goes on, with the time at which it came', async () => {
  const sam = await player('Sam')
  await setPause(hunt.game, sam.memberId, true)
  const paused = await sam.push('echo right > word.txt')
  assert.equal(paused.code, 0)
  assert.deepEqual(paused.remote, [
    'warning: The hunt is paused. This push is kept with its time, and judged when the hunt goes on.',
  ])
  const pushedBefore = new Date()
  // A later one takes nothing from it.
  await sam.push('echo wrong > word.txt')
  const browser = await openJar(hunt.url, 'Sam')
  assert.match(
    (await browser.get('/hunt/first')).text,
    /is kept with its time, and judged when the hunt goes on/,
  )
  const before = await solveOf(hunt.game.sql, sam.playerId, 'first')
  assert.equal(before, undefined)
  await setPause(hunt.game, sam.memberId, false)
  const { solvedAt } = await solved(sam)
  assert.ok(solvedAt <= pushedBefore)
  await until(
    'the verdict of the later push',
    20,
    () => listSubmissions(hunt.game.sql, { playerId: sam.playerId, limit: 10 }),
    (all) => all.length === 2 && all.every(({ status }) => status === 'done'),
  )
})

test('a push before the start that was put off is kept, and counts from the start', async () => {
  const eva = await player('Eva', 'fr')
  const start = new Date(Date.now() + 4000)
  await setWindow(hunt.game, eva.memberId, { start: start.toISOString() })
  const early = await eva.push('echo right > word.txt')
  assert.match(
    early.remote.join('\n'),
    /^warning: La chasse n’a pas encore commencé : elle commence le .*\. Ce push est gardé, et jugé à ce moment-là\.$/,
  )
  assert.deepEqual((await solved(eva)).solvedAt, start)
  await setWindow(hunt.game, eva.memberId, {})
})

test('whoever clones or pushes before the start reads when it starts, in the player’s language', async () => {
  const uma = await hunt.register('Uma')
  const start = new Date('2099-03-12T18:00:00Z')
  await setWindow(hunt.game, uma.memberId, { start: start.toISOString() })
  const lou = await hunt.register('Lou', 'fr')
  const ivy = await hunt.register('Ivy')
  try {
    const cloned = await shell.run(`git clone -q ${hunt.cloneUrl(ivy, 'first')} ivy`)
    assert.notEqual(cloned.code, 0)
    assert.match(cloned.stderr, /The hunt has not started yet: it starts on 12 Mar 2099, 19:00 CET\./)
    const pushed = await shell.run(
      `git init -q lou && cd lou && git commit -qm x --allow-empty && git push ${hunt.cloneUrl(lou, 'first')} HEAD:main`,
    )
    assert.match(pushed.stderr, /La chasse n’a pas encore commencé : elle commence le 12 mars 2099/)
    const unknown = await shell.run(`git clone -q ${hunt.cloneUrl(ivy, 'nothing')} nothing`)
    assert.match(unknown.stderr, /not found/)
  } finally {
    await setWindow(hunt.game, uma.memberId, {})
  }
})

test('a French player reads in French why a push is not judged, in the words of the page', async () => {
  const zoe = await player('Zoé', 'fr')
  await setPause(hunt.game, zoe.memberId, true)
  const paused = await zoe.push('echo right > word.txt')
  const plain = await zoe.push('true', '-o plain')
  await setPause(hunt.game, zoe.memberId, false)
  assert.deepEqual(paused.remote, [
    'warning: La chasse est en pause. Ce push est gardé avec son heure, et jugé à la reprise.',
  ])
  assert.deepEqual(plain.remote, [
    'warning: La chasse est en pause. Ce push est garde avec son heure, et juge a la reprise.',
  ])
  const [en, fr] = [await pageTexts('en'), await pageTexts('fr')]
  for (const code of ['being-judged']) {
    const thrown = new Refusal(409, code, en[code] ?? '')
    assert.deepEqual(refusedPush(thrown, 'en'), [`warning: ${en[code]}`])
    assert.deepEqual(refusedPush(thrown, 'fr'), [`warning: ${fr[code]}`])
  }
})

test('a push that the forge refuses is refused in the player’s language, as of now', async () => {
  const ana = await player('Ana')
  const refused = async () => (await ana.push('true', 'origin HEAD:refs/stash')).remote[0]
  assert.equal(await refused(), 'error: refs/stash cannot be pushed here')
  await chooseLanguage(hunt.game, ana.memberId, 'fr')
  assert.equal(await refused(), 'error: refs/stash ne peut pas être poussé ici')
})

test('a push that cannot be judged now says that it is in, in the player’s language', async () => {
  const ben = await player('Benoît', 'fr')
  const { dispatch } = hunt.game
  const push = dispatch.push.bind(dispatch)
  dispatch.push = () => Promise.reject(new Error('the dispatch is away'))
  const pushed = await ben.push('echo right > word.txt')
  dispatch.push = push
  assert.equal(pushed.code, 0)
  assert.deepEqual(pushed.remote, [
    'hint: ton push est arrivé ; son verdict sera sur la page dans quelques minutes',
  ])
})

test('a push whose verdict takes too long gets the page’s address, and the verdict comes by itself', async () => {
  const slow = await startGame({ challenges: small, settings: { PUSH_WAIT_SECONDS: '0' } })
  try {
    const kim = await slow.register('Kim')
    const pushed = await shell.run(
      `git clone -q ${slow.cloneUrl(kim, 'first')} kim && cd kim && echo right > word.txt && git add -A && git commit -qm w && git push`,
    )
    assert.deepEqual(pushed.remote.slice(1), [`being judged: ${slow.url}/hunt/first`])
    const solved = async () =>
      (await slow.game.sql`select 1 from solves where player_id = ${kim.playerId}`).length === 1
    await until('the solve', 15, solved)
  } finally {
    await slow.close()
  }
})
