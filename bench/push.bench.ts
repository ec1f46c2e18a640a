import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGame } from '../test/helpers/game.ts'
import { milliseconds, report, spread } from './report.ts'

// `git push` with one challenge of three checks judged, against the same push to plain `git http-backend`, turn by turn.

const rounds = 200
const boundMs = 300

const check = (name: string, that: string) =>
  `  - name: { en: ${name}, fr: ${name} }\n    git: { ref: main }\n    as: ${name}\n    expect:\n      - that: ${that}\n        else: { en: Not yet., fr: Pas encore. }\n`

/** A hunt of one challenge that no push ever solves, so that each is judged. */
function writeHunt(folder: string): void {
  const challenge = join(folder, '01-bench')
  mkdirSync(join(challenge, 'starter'), { recursive: true })
  writeFileSync(
    join(folder, 'hunt.yaml'),
    'name: { en: Bench, fr: Banc }\nteaser: { en: Push., fr: Pousse. }\nlanguages: [en, fr]\ntimezone: UTC\nregistration: open\n',
  )
  writeFileSync(
    join(challenge, 'challenge.yaml'),
    `id: bench\ntitle: { en: Bench, fr: Banc }\nteaser: { en: Push., fr: Pousse. }\npoints: 1\nchecks:\n${check('first', 'first.found')}${check('second', 'size(second.commits) > 0')}${check('third', "third.head == 'never'")}`,
  )
  for (const language of ['en', 'fr']) writeFileSync(join(challenge, `story.${language}.md`), 'Push.\n')
  writeFileSync(join(challenge, 'starter', 'map.txt'), 'north\n')
}

/** Git's own CGI program behind Basic credentials, which is all that a plain Git host has. */
async function servePlain(root: string): Promise<{ server: Server; port: number }> {
  const server = createServer((req, res) => {
    if (req.headers.authorization === undefined)
      return void res.writeHead(401, { 'WWW-Authenticate': 'Basic realm="plain"' }).end()
    const [path = '', query = ''] = (req.url ?? '').split('?')
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: path,
        QUERY_STRING: query,
        REQUEST_METHOD: req.method ?? 'GET',
        CONTENT_TYPE: req.headers['content-type'] ?? '',
        REMOTE_USER: 'bench',
        ...(req.headers['content-length'] !== undefined && { CONTENT_LENGTH: req.headers['content-length'] }),
      },
    })
    req.pipe(child.stdin)
    const parts: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => parts.push(part))
    child.stdout.on('end', () => {
      const all = Buffer.concat(parts)
      const end = all.indexOf('\r\n\r\n')
      for (const line of all.toString('latin1', 0, end).split('\r\n')) {
        const [name = '', value = ''] = line.split(': ')
        if (name !== 'Status') res.setHeader(name, value)
      }
      res.end(all.subarray(end + 4))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}

const work = mkdtempSync(join(tmpdir(), 'shambhala-bench-'))
const challenges = join(work, 'challenges')
writeHunt(challenges)
const test = await startGame({ challenges })
const player = await test.register('Bench')
const plain = await servePlain(work)

const git = (cwd: string, ...args: string[]) =>
  new Promise<string>((resolve, reject) => {
    const env = { PATH: process.env.PATH, HOME: work, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' }
    const identity = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.org']
    execFile('git', [...identity, ...args], { cwd, env }, (error, _out, err) => {
      if (error) reject(new Error(err, { cause: error }))
      else resolve(err)
    })
  })

const clone = join(work, 'clone')
const ourUrl = test.cloneUrl(player, 'bench')
const plainUrl = `http://bench:secret@127.0.0.1:${plain.port}/plain.git`
await git(work, 'clone', '-q', ourUrl, clone)
await git(work, 'clone', '-q', '--bare', clone, join(work, 'plain.git'))

async function timedPush(url: string): Promise<number> {
  const start = performance.now()
  const said = await git(clone, 'push', url, 'main')
  const duration = performance.now() - start
  if (url === ourUrl && !said.includes('remote: error:')) throw new Error(`this push was not judged: ${said}`)
  return duration
}

const ours: number[] = []
const theirs: number[] = []
for (let round = -5; round < rounds; round += 1) {
  writeFileSync(join(clone, 'map.txt'), `step ${round}\n`)
  await git(clone, 'commit', '-q', '-am', `Step ${round}`)
  const order = round % 2 === 0 ? [ourUrl, plainUrl] : [plainUrl, ourUrl]
  for (const url of order) {
    const duration = await timedPush(url)
    if (round >= 0) (url === ourUrl ? ours : theirs).push(duration)
  }
}
const [a, b] = [spread(ours), spread(theirs)]
report({
  what: `git push, three checks judged, n = ${a.n}, p95`,
  ours: `${milliseconds(a.p95)} (median ${milliseconds(a.median)})`,
  against: `${milliseconds(b.p95)} (median ${milliseconds(b.median)}), git http-backend`,
  result: `+${milliseconds(a.p95 - b.p95)}`,
  bound: `≤ +${boundMs} ms`,
  reached: a.p95 - b.p95 <= boundMs,
})
plain.server.closeAllConnections()
plain.server.close()
await test.close()
rmSync(work, { recursive: true, force: true })
