import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isUnpatched } from '../../src/db/driver.ts'
import { packageRoot } from '../../src/lib/root.ts'

const driver = join(packageRoot(), 'node_modules', 'postgres')

test('a driver that was installed without its patch is noticed, and the patched one is not', async (context) => {
  const top = await mkdtemp(join(tmpdir(), 'driver-'))
  context.after(() => rm(top, { recursive: true }))
  assert.equal(await isUnpatched(join(driver, 'src', 'index.js')), false)
  await mkdir(join(top, 'postgres'))
  await cp(join(driver, 'src'), join(top, 'postgres', 'src'), { recursive: true })
  const file = join(top, 'postgres', 'src', 'connection.js')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replaceAll('chunk = nextWriteTimer = null', 'nextWriteTimer = null'))
  assert.equal(await isUnpatched(join(top, 'postgres', 'src', 'index.js')), true)
})
