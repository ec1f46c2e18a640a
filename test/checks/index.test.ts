import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { loadChecks } from '../../src/checks/index.ts'
import { Fault } from '../../src/lib/errors.ts'

const zod = import.meta.resolve('zod')
const source = (kind: string) =>
  `import { z } from '${zod}'
  export const check = { kind: '${kind}', spec: z.object({}), facts: z.object({}), needs: [], look: async () => ({}) }`

describe('the folder of checks is loaded', () => {
  let folder: string
  const load = () => loadChecks(pathToFileURL(`${folder}/`))
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'shambhala-checks-'))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('finds a kind in each of our files', async () => {
    const kinds = await loadChecks()
    assert.ok(kinds.has('git') && kinds.has('answer'))
    assert.ok(!kinds.has('check') && !kinds.has('index'))
  })

  it('takes a new file as a new kind, compiled too, and leaves what belongs to it', async () => {
    writeFileSync(join(folder, 'bell.js'), source('bell'))
    for (const other of ['bell.js.map', 'bell.d.ts', 'index.js', 'check.js'])
      writeFileSync(join(folder, other), '!')
    assert.deepEqual([...(await load()).keys()], ['bell'])
  })

  it('says which file bears the wrong name', async () => {
    writeFileSync(join(folder, 'gong.js'), source('drum'))
    await assert.rejects(
      load(),
      new Fault('checks/gong.js exports the kind drum: name the file after its kind.'),
    )
    rmSync(join(folder, 'gong.js'))
  })

  it('says which file is no check', async () => {
    writeFileSync(join(folder, 'helper.js'), 'export const help = 1')
    await assert.rejects(load(), /checks\/helper\.js exports no check/)
    rmSync(join(folder, 'helper.js'))
  })
})
