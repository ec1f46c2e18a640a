import { createHash } from 'node:crypto'
import type { Person, StarterHistory } from '../../core/history.ts'

/** The history as a stream for `git fast-import`. The same history gives the same bytes, and so the same object ids. */
export function* fastImportStream(history: StarterHistory): Generator<Buffer> {
  const marks = new Map<string, number>()
  const blobs = new Map<string, number>()
  let last = 0
  const markOf = (id: string): number => {
    const mark = marks.get(id)
    if (mark === undefined) throw new Error(`commit ${JSON.stringify(id)} is named before it is described`)
    return mark
  }

  for (const commit of history.commits) {
    const files: string[] = []
    for (const file of commit.files) {
      const hash = createHash('sha256').update(file.content).digest('hex')
      let mark = blobs.get(hash)
      if (mark === undefined) {
        mark = last += 1
        blobs.set(hash, mark)
        yield Buffer.concat([Buffer.from(`blob\nmark :${mark}\n`), data(file.content)])
      }
      files.push(`M ${file.mode} :${mark} ${quoted(file.path)}\n`)
    }
    last += 1
    marks.set(commit.id, last)
    const [parent, ...merged] = commit.parents
    yield Buffer.from(
      `reset ${buildRef}\ncommit ${buildRef}\nmark :${last}\nauthor ${signature(commit.author, commit.date)}\n`,
    )
    yield Buffer.concat([
      Buffer.from(`committer ${signature(commit.committer, commit.date)}\n`),
      data(Buffer.from(commit.message)),
    ])
    yield Buffer.from(
      `${parent === undefined ? '' : `from :${markOf(parent)}\n`}${merged.map((id) => `merge :${markOf(id)}\n`).join('')}deleteall\n${files.join('')}\n`,
    )
  }
  for (const [name, id] of Object.entries(history.branches))
    yield Buffer.from(`reset refs/heads/${name}\nfrom :${markOf(id)}\n\n`)
  yield* annotations(history, markOf)
  yield Buffer.from(`reset ${buildRef}\nfrom ${'0'.repeat(40)}\n\ndone\n`)
}

const buildRef = 'refs/shambhala/build'

function* annotations(history: StarterHistory, markOf: (id: string) => number): Generator<Buffer> {
  for (const tag of history.tags) {
    if (tag.message === undefined)
      yield Buffer.from(`reset refs/tags/${tag.name}\nfrom :${markOf(tag.at)}\n\n`)
    else {
      const head = `tag ${tag.name}\nfrom :${markOf(tag.at)}\ntagger ${signature(tag.tagger, tag.date)}\n`
      yield Buffer.concat([Buffer.from(head), data(Buffer.from(tag.message))])
    }
  }
  for (const note of history.notes) {
    const head = `commit ${note.ref}\ncommitter ${signature(note.author, note.date)}\n`
    const message = data(Buffer.from('Notes added by the hunt\n'))
    yield Buffer.concat([
      Buffer.from(head),
      message,
      Buffer.from(`N inline :${markOf(note.at)}\n`),
      data(Buffer.from(note.message)),
      Buffer.from('\n'),
    ])
  }
}

function data(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n')])
}

function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`
}

/** `Name <e-mail> seconds offset`; the offset is the one that the date is written in. */
function signature(person: Person, date: string): string {
  const clean = (text: string) => text.replace(/[<>\n\0]/g, '').trim()
  const offset = /([+-]\d\d):(\d\d)$/.exec(date)
  const seconds = Math.floor(Date.parse(date) / 1000)
  return `${clean(person.name)} <${clean(person.email)}> ${seconds} ${offset ? `${offset[1] ?? ''}${offset[2] ?? ''}` : '+0000'}`
}
