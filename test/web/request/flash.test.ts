import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../../src/lib/root.ts'
import { startGame } from '../../helpers/game.ts'
import { openJar } from '../../helpers/jar.ts'

test('what was done is said on the page that follows, also where the database is slower than the browser', async (t) => {
  const hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  t.after(() => hunt.close())
  const { name } = await hunt.register('Tara')
  const jar = await openJar(hunt.url, name)
  const { sql } = hunt.game
  await sql.unsafe(`
    create function dawdle() returns trigger language plpgsql as
      $$ begin perform pg_sleep(0.4); return new; end $$;
    create trigger dawdle before insert or update on sessions for each row execute function dawdle()`)

  const page = await jar.send(await jar.get('/me'), '/me/name', { name: 'Tara Dolma' })
  assert.equal(page.status, 200)
  assert.match(page.text, /You have a new name\./)
  assert.doesNotMatch((await jar.get('/me')).text, /You have a new name\./)
})
