import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'
import { packageRoot } from '../../../src/lib/root.ts'
import { nodesOf } from '../../helpers/programs/sources.ts'
import { readSources, textOf } from '../../helpers/sources.ts'

const sources = readSources(join(packageRoot(), 'src'))

/** Functions that start a git with what they are given. */
const starters = new Set(['git', 'ownGit', 'startOwnGit', 'startGit', 'startLimited', 'start', 'run'])

/** What else than a word of ours may stand on a command line, and why no player can have written it. */
const allowed: Record<string, string> = {
  'board/forge/archive.ts head': 'a branch that a backup names, matched against its shape before',
  "board/forge/build.ts `--initial-branch=${starter?.head ?? 'main'}`": 'the hunt’s',
  'board/forge/embedded.ts `--exclude=${hiddenRefs}*`': 'ours',
  'board/forge/own-git.ts below': 'a prefix of ours',
  'board/forge/reader.ts below': 'a prefix of ours',
  'board/forge/serve.ts service.slice(4)': 'one of two words of ours',
  'board/forge/tidy.ts ...reaching': 'patterns of refs, of our own',
  'checks/git/commits.ts ...(above === null ? [] : [`^${above}`])': 'an object id that cat-file told',
  "checks/git/commits.ts `--format=${fields.join('%x00')}`": 'ours',
  'checks/git/commits.ts `--max-count=${window}`': 'a number',
  'checks/git/commits.ts oid': 'an object id out of a snapshot',
  'checks/git/revision.ts `^${descendant}`': 'an object id that cat-file told',
  'checks/git/revision.ts ancestor': 'an object id that cat-file told',
  'checks/git/submodules.ts sha': 'an object id out of a tree',
  'game/judging/evidence.ts sha': 'an object id, matched before',
  'game/judging/stray-work.ts ...known': 'object ids out of a snapshot',
  'game/judging/stray-work.ts ...tips': 'object ids out of a snapshot',
  'game/judging/stray-work.ts `^${stray.oid}`': 'an object id out of a snapshot',
  'game/judging/stray-work.ts oid': 'an object id out of a snapshot',
  'game/judging/stray-work.ts stray.oid': 'an object id out of a snapshot',
}

/** Command lines of git in a file: lists whose first word is one, or an option of git itself. */
function linesIn(tree: ts.SourceFile): ts.ArrayLiteralExpression[] {
  const lists = new Map<string, ts.ArrayLiteralExpression>()
  for (const node of nodesOf(tree))
    if (ts.isVariableDeclaration(node) && node.initializer && ts.isArrayLiteralExpression(node.initializer))
      lists.set(node.name.getText(), node.initializer)
  return nodesOf(tree)
    .filter(ts.isCallExpression)
    .filter(({ expression }) => starters.has(expression.getText().split('.').at(-1) ?? ''))
    .flatMap((call) =>
      call.arguments.flatMap((given) => {
        if (ts.isArrayLiteralExpression(given)) return [given]
        const named = ts.isIdentifier(given) ? lists.get(given.text) : undefined
        return named ? [named] : []
      }),
    )
}

/** Elements that are neither words nor lists that are handed on. */
function openWords(list: ts.ArrayLiteralExpression): string[] {
  return list.elements
    .filter((element) => textOf(element) === null && !/^\.\.\.(hardening|args)$/.test(element.getText()))
    .map((element) => element.getText())
}

test('nothing that a player wrote stands on a command line of git', () => {
  const files = sources.filter(({ file }) => /^(board\/forge|checks\/git|game|web|cli)\b/.test(file))
  const lines = files.flatMap(({ file, tree }) => linesIn(tree).map((list) => ({ file, list })))
  const found = lines.flatMap(({ file, list }) => openWords(list).map((word) => `${file} ${word}`))
  assert.deepEqual([...new Set(found)].sort(), Object.keys(allowed).sort())
  // A reader that has gone blind finds no fault.
  assert.ok(lines.length > 25, String(lines.length))
})

test('a name on a command line is found, also where the line has a name of its own', () => {
  const text = `const command = ['grep', '-e', pattern]
    await reader.git(command)
    await reader.git(['ls-tree', commit, '--', ...paths])`
  const tree = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true)
  assert.deepEqual(linesIn(tree).flatMap(openWords), ['pattern', 'commit', '...paths'])
})
