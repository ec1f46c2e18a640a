import type { Language } from '../../src/core/text.ts'
import type { Pages } from '../../src/web/models/pages.ts'
import type { Shell } from '../../src/web/models/shell.ts'
import type { Views } from '../../src/web/view/view.ts'
import { deskGallery } from './gallery-desk.ts'
import { entryGallery } from './gallery-entry.ts'
import { longName, samples, shownOnce } from './gallery-models.ts'
import { anyone, before, organizer, pagesIn, running, visitor } from './gallery-page.ts'
import { imagesSample, refusalsSample, registrySample } from './gallery-registry.ts'
import { clusterSamples, diagnosisSample, quotaSample } from './gallery-workspace.ts'

/** Every page in every state that looks different, by name. */
export function gallery(views: Views, language: Language): Record<string, () => string> {
  const s = samples(language)
  const page = pagesIn(views, language)
  const { teaser, token } = s
  const error = (status: number, code: string, over: Partial<Pages['error']> = {}) =>
    page(
      'error',
      '/x',
      {
        status,
        code,
        detail: null,
        values: {},
        requestId: '0b6f4c1e-77a1-4a63-8f0e-6f9d1c2b3a40',
        retryAfter: null,
        missing: [],
        back: null,
        ...over,
      },
      visitor,
    )
  const stage = (over: Partial<Pages['stage']>, shellOver: Partial<Shell> = {}) =>
    page('stage', '/hunt/torn-map', { ...s.stage, ...over }, shellOver)
  const verdict = (over: Parameters<typeof s.submission>[0]) => ({
    verdict: { ...s.stage.verdict, submission: s.submission(over) },
  })
  const me: Pages['me'] = {
    own: s.own,
    email: 'maximilienne@example.org',
    older: '/me?before=x#submissions',
    submissions: s.history,
    newTokens: [],
    forms: {},
    solves: [
      {
        stage: s.ref(0),
        at: '2027-03-12T18:40:12+01:00',
        points: 100,
        hintsCost: 10,
        award: 90,
        first: true,
      },
      {
        stage: s.ref(1),
        at: '2027-03-12T18:52:00+01:00',
        points: 150,
        hintsCost: 0,
        award: 150,
        first: false,
      },
    ],
    hints: [{ stage: s.ref(0), number: 1, price: 10, at: '2027-03-12T18:30:12+01:00' }],
    tokens: [
      {
        id: '1',
        name: 'first token',
        createdAt: '2027-03-12T17:50:00+01:00',
        lastUsedAt: '2027-03-12T19:41:07+01:00',
      },
      { id: '2', name: 'laptop', createdAt: '2027-03-12T17:55:00+01:00', lastUsedAt: null },
    ],
  }
  const commit: Pages['commit'] = {
    repository: 'torn-map',
    sha: s.sha,
    parents: [{ sha: s.sha, href: '#' }],
    author: { name: 'Dolma', email: 'dolma@example.org', date: '2027-03-12T19:40:07+01:00' },
    message: 'Merge branch east\n\nBoth halves, both histories.',
    gone: false,
    more: true,
    tooMany: false,
    files: [
      { status: 'M', path: 'map.txt', href: '#' },
      { status: 'A', path: `${'deep/'.repeat(30)}legend.txt`, href: '#' },
      { status: 'D', path: 'old.txt', href: null },
    ],
  }
  const clusters = clusterSamples()
  const mapWith = (cluster: (typeof clusters)[keyof typeof clusters]) =>
    page('map', '/map', {
      teaser,
      trail: { stages: s.trail.stages.slice(0, 1) },
      own: s.own,
      reachedCity: false,
      workspace: { ...s.workspace, cluster },
    })
  const workspacePage = (over: Partial<Pages['workspace']>, shellOver: Partial<Shell> = {}) =>
    page(
      'workspace',
      '/workspace',
      {
        workspace: { ...s.workspace, cluster: clusters.ready },
        quota: quotaSample(),
        images: [],
        refusals: [],
        form: s.form,
        ...over,
      },
      shellOver,
    )
  return {
    ...entryGallery(page, s),
    map: page(
      'map',
      '/map',
      { teaser, trail: s.trail, own: s.own, workspace: s.workspace, reachedCity: false },
      {
        announcement: {
          id: '7',
          text: s.fr ? 'Soupe à huit heures, dans la cour.' : 'Soup at eight, in the yard.',
          at: '2027-03-12T19:00:00+01:00',
        },
      },
    ),
    'map-city': page(
      'map',
      '/map',
      {
        teaser,
        trail: {
          stages: s.trail.stages
            .slice(0, 5)
            .map((one) => ({ ...one, state: 'solved', solvedAt: '2027-03-12T18:40:12+01:00' })),
        },
        own: { ...s.own, rank: null, hidden: true },
        workspace: { ...s.workspace, forge: false },
        reachedCity: true,
      },
      { clock: { ...running, frozen: true } },
    ),
    'map-before': page(
      'map',
      '/map',
      {
        teaser,
        trail: {
          stages: s.trail.stages.map((one) => ({ ...one, state: 'scheduled', solvedAt: null, first: false })),
        },
        own: { ...s.own, score: 0, solved: 0 },
        workspace: { ...s.workspace, state: 'making', repositories: [] },
        reachedCity: false,
      },
      before,
    ),
    'map-empty': page(
      'map',
      '/map',
      {
        teaser,
        trail: { stages: [] },
        own: s.own,
        workspace: { ...s.workspace, repositories: [] },
        reachedCity: false,
      },
      { clock: { ...running, paused: true } },
    ),
    'welcome-cluster': page('welcome', '/welcome', {
      name: longName,
      token: shownOnce(token),
      first: null,
      workspace: { ...s.workspace, forge: false, repositories: [], cluster: clusters.requested },
    }),
    ...Object.fromEntries(
      Object.entries(clusters).map(([name, cluster]) => [`map-cluster-${name}`, mapWith(cluster)]),
    ),
    workspace: workspacePage({}, { flash: { kind: 'success', code: 'workspace-renewed' } }),
    'workspace-images': workspacePage(
      {
        workspace: { ...s.workspace, cluster: clusters.ready, registry: registrySample() },
        images: imagesSample(),
        refusals: refusalsSample(),
      },
      { flash: { kind: 'success', code: 'image-deleted' } },
    ),
    'workspace-images-full': workspacePage({
      workspace: { ...s.workspace, registry: registrySample({ used: 540 * 2 ** 20, full: 'images' }) },
      quota: [],
      images: imagesSample().map((image) => ({ ...image, usedBy: null })),
      form: { values: {}, errors: { form: { code: 'no-image' } } },
    }),
    'workspace-images-none': workspacePage({
      workspace: { ...s.workspace, registry: registrySample({ used: 0, budget: null }) },
      quota: [],
    }),
    'map-registry': page('map', '/map', {
      teaser,
      trail: { stages: s.trail.stages.slice(0, 1) },
      own: s.own,
      reachedCity: false,
      workspace: {
        ...s.workspace,
        cluster: clusters.ready,
        registry: registrySample({ full: 'loose' }),
      },
    }),
    'workspace-refused': workspacePage({
      quota: null,
      form: {
        values: {},
        errors: { namespace: { code: 'reset-name' }, form: { code: 'workspace-not-ready' } },
      },
    }),
    'workspace-gone': workspacePage({
      workspace: { ...s.workspace, cluster: clusters.gone },
      quota: [],
    }),
    stage: stage({}, { flash: { kind: 'success', code: 'stage-reset' } }),
    'stage-diagnosis': stage({
      ...verdict({ trigger: 'cluster' }),
      diagnosis: diagnosisSample(),
    }),
    'stage-none': stage({
      verdict: { ...s.stage.verdict, submission: null },
      history: [],
      hints: [],
      commands: null,
    }),
    'stage-passed': stage({
      ...verdict({ verdict: 'passed', checks: [s.check(0, 'passed'), s.check(1, 'passed')], solve: s.solve }),
      stage: { ...s.stage.stage, state: 'solved' },
      previous: s.ref(0),
    }),
    'stage-city': stage(
      verdict({
        verdict: 'passed',
        checks: [s.check(0, 'passed')],
        solve: { ...s.solve, rank: null, opened: [], reachedCity: true },
      }),
    ),
    'stage-judging': stage(verdict({ status: 'running', verdict: null, checks: [] })),
    'stage-waiting': stage(
      verdict({
        status: 'waiting',
        verdict: 'inconclusive',
        looks: 1,
        unclear: 1,
        retryAt: '2027-03-12T19:43:00+01:00',
        checks: [s.check(0, 'passed'), s.check(1, 'inconclusive')],
      }),
    ),
    'stage-pending': stage(
      verdict({
        status: 'waiting',
        verdict: null,
        retryAt: '2027-03-12T19:43:00+01:00',
        waitsFor: 'Deployment web is not ready yet.',
        waitsUntil: '2027-03-12T19:56:00+01:00',
        checks: [s.check(0, 'passed'), s.check(1, 'failed')],
      }),
    ),
    'stage-none-paused': stage({
      verdict: { ...s.stage.verdict, lastStep: 'cluster', paused: true, submission: null },
    }),
    'stage-held': stage(verdict({ status: 'waiting', verdict: null, looks: 0, held: 'paused', checks: [] })),
    'stage-late': stage(
      verdict({
        verdict: 'passed',
        seenAt: '2027-03-12T20:00:03+01:00',
        late: { at: '2027-03-12T20:00:03+01:00', isSeen: true, end: '2027-03-12T20:00:00+01:00' },
        checks: [s.check(0, 'passed'), s.check(1, 'passed')],
      }),
    ),
    'stage-answer': stage({
      answer: {
        wanted: true,
        form: { values: { answer: 'gong' }, errors: { answer: { code: 'answer-delay' } } },
      },
    }),
    'stage-retired': stage(
      { stage: { ...s.stage.stage, state: 'retired', retired: true } },
      { clock: { ...running, phase: 'after' } },
    ),
    leaderboard: page(
      'leaderboard',
      '/leaderboard',
      { board: s.board(100), page: 1, pages: 3, screen: false, joinUrl: '' },
      anyone,
    ),
    'leaderboard-empty': page(
      'leaderboard',
      '/leaderboard',
      { board: s.board(0), page: 1, pages: 1, screen: false, joinUrl: '' },
      anyone,
    ),
    screen: page(
      'leaderboard',
      '/leaderboard?screen',
      { board: s.board(12), page: 1, pages: 1, screen: true, joinUrl: 'http://192.168.178.23:8080/join' },
      anyone,
    ),
    'leaderboard-frozen': page(
      'leaderboard',
      '/leaderboard',
      { board: s.board(12), page: 1, pages: 1, screen: false, joinUrl: '' },
      { ...anyone, clock: { ...running, frozen: true } },
    ),
    'screen-frozen': page(
      'leaderboard',
      '/leaderboard?screen',
      { board: s.board(12), page: 1, pages: 1, screen: true, joinUrl: 'http://192.168.178.23:8080/join' },
      { ...anyone, clock: { ...running, frozen: true } },
    ),
    me: page('me', '/me', me),
    'me-new': page('me', '/me', {
      ...me,
      solves: [],
      submissions: [],
      hints: [],
      tokens: [],
      older: null,
      newTokens: [{ ...shownOnce(token), name: 'laptop' }],
      forms: { leave: { values: { confirm: 'x' }, errors: { confirm: { code: 'leave-confirm' } } } },
    }),
    'me-organizer': page('me', '/me', { ...me, own: null, email: null }, { reader: organizer }),
    submission: page('submission', '/me/submissions/x', { submission: s.submission() }),
    'submission-superseded': page('submission', '/me/submissions/x', {
      submission: s.submission({ status: 'superseded', verdict: null, checks: [], supersededBy: 'y' }),
    }),
    commit: page('commit', '/evidence/torn-map/x', commit),
    'commit-gone': page('commit', '/evidence/torn-map/x', { ...commit, gone: true }),
    'commit-root': page('commit', '/evidence/torn-map/x', { ...commit, parents: [], files: [], more: false }),
    'commit-bomb': page('commit', '/evidence/torn-map/x', {
      ...commit,
      files: [],
      more: false,
      tooMany: true,
    }),
    file: page('file', '/evidence/torn-map/x/file', {
      repository: 'torn-map',
      sha: s.sha,
      path: 'map.txt',
      size: 2048,
      text: `1. Leave by the kitchen door\n${'2. Follow the river '.repeat(12)}\n`,
      commitHref: '#',
    }),
    'file-binary': page('file', '/evidence/torn-map/x/file', {
      repository: 'torn-map',
      sha: s.sha,
      path: `${'deep/'.repeat(20)}x.bin`,
      size: 1,
      text: null,
      commitHref: '#',
    }),
    ...deskGallery(page, s),
    'error-403': error(403, 'locked', { missing: [s.ref(0), s.ref(1)] }),
    'error-404': error(404, 'not-found'),
    'error-429': error(429, 'too-many', { retryAfter: 12 }),
    'error-500': error(500, 'internal'),
    'error-form': error(403, 'form-expired', { back: '/join' }),
  }
}
