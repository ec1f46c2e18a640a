import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hookKey } from '../../../src/game/triggers/registry-hook.ts'
import { freePort } from '../../helpers/board/control-plane.ts'
import { lacksRegistry, startRegistry, versions } from '../../helpers/registry.ts'

for (const version of versions)
  test(
    `Distribution ${version} keeps the key of its notifications out of its log`,
    { skip: lacksRegistry(version) },
    async (t) => {
      const secrets = await mkdtemp(join(tmpdir(), 'shambhala-secrets-'))
      t.after(() => rm(secrets, { recursive: true }))
      const secret = 'a secret of more than thirty-two characters'
      const host = `localhost:${await freePort()}`
      const running = await startRegistry(version, { master: 'http://localhost:1', host, secret, secrets })
      t.after(() => running.close())
      // Somebody whom it does not let in is worth a line.
      assert.equal((await fetch(`http://${host}/v2/tara/scroll/tags/list`)).status, 401)
      const log = await readFile(join(running.dir, 'registry.log'), 'utf8')
      assert.match(log, /error authorizing context/)
      assert.ok(!log.includes(hookKey(secret)))
    },
  )
