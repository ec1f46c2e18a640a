import type { Standing } from '../../src/core/standings.ts'
import type { Language } from '../../src/core/text.ts'
import { renderMarkdown } from '../../src/web/view/markdown.ts'
import type { LeaderboardModel } from '../../src/web/models/leaderboard.ts'
import type { TrailModel } from '../../src/web/models/map.ts'
import type { OwnStanding } from '../../src/web/models/own.ts'
import type { FormState, StageRef } from '../../src/web/models/shell.ts'
import type { HintModel, StagePage } from '../../src/web/models/stage.ts'
import type * as verdict from '../../src/web/models/verdict.ts'
import type { WorkspaceModel } from '../../src/web/models/workspace.ts'

// What pages look like in the middle of an evening: names as people choose them, long ones among them.
/** A secret that a page shows for some minutes. */
export const shownOnce = (text: string) => ({ id: 'kept', text, until: '2027-03-12T19:52:00+01:00' })

export const longName = 'Maximilienne-Éléonore d’Aubervill'.slice(0, 32)
const titles = {
  en: [
    'The torn map',
    'The seal and the whisper',
    'The bell that fell silent',
    'The key in the snow',
    'The bridge of witnesses',
    'The gate of nine lanterns',
    'The old observatory',
  ],
  fr: [
    'La carte déchirée',
    'Le sceau et le murmure',
    'La cloche muette',
    'La clé dans la neige',
    'Le pont des témoins',
    'La porte aux neuf lanternes',
    'Le vieil observatoire',
  ],
}
const teasers = {
  en: 'Two halves, two cartographers, one quarrel. Bring them together without losing either.',
  fr: 'Deux moitiés, deux cartographes, une brouille. Réunis-les sans en perdre une.',
}
const ids = [
  'torn-map',
  'sealed-whisper',
  'silent-bell',
  'leaked-key',
  'witness-bridge',
  'nine-lanterns',
  'observatory',
]
const after = [[], [0], [0], [1, 2], [3], [4], []]

export function samples(language: Language) {
  const fr = language === 'fr'
  const ref = (index: number): StageRef => ({
    id: ids[index] ?? '',
    order: index + 1,
    title: titles[language][index] ?? '',
  })
  const stages = ids.map((_, index) => ref(index))
  const trail: TrailModel = {
    stages: stages.map((stage, index) => ({
      ...stage,
      teaser: teasers[language],
      points: 100 * (index + 1),
      state:
        (['solved', 'solved', 'open', 'locked', 'scheduled', 'unavailable', 'retired'] as const)[index] ??
        'locked',
      after: (after[index] ?? []).map((one) => ids[one] ?? ''),
      lacks: index === 5 ? (['registry', 'cluster'] as const) : [],
      solves: 41 - index * 6,
      solvedAt: index < 2 ? `2027-03-12T18:${40 + index}:12+01:00` : null,
      first: index === 1,
    })),
  }
  const names = [
    'Dolma',
    longName,
    'Zoë Ångström',
    'Łukasz Wiśniewski',
    'yak & sons',
    '<b>Tenzin</b>',
    'Pemba',
    'a1',
    'Ștefan Țepeș',
    'Nyima',
  ]
  const row = (index: number): Standing => ({
    rank: index + 1,
    slug: `p${index}`,
    name: names[index % names.length] ?? '',
    ...(index === 6 && { left: true as const }),
    score: Math.max(0, 1700 - index * 25),
    lastSolveAt: index > 60 ? null : '2027-03-12T19:41:07+01:00',
    solved: Object.fromEntries(
      ids.slice(0, Math.max(0, 6 - Math.floor(index / 3))).map((id) => [id, '2027-03-12T18:40:12+01:00']),
    ),
  })
  const board = (count: number): LeaderboardModel => ({
    stages: stages.map((stage) => ({ ...stage, points: 100 })),
    rows: Array.from({ length: count }, (_, index) => row(index)),
    first: { 'torn-map': 'p0', 'sealed-whisper': 'p1', 'silent-bell': 'p0' },
    total: count,
    version: 7,
  })
  const own: OwnStanding = {
    name: longName,
    slug: 'p1',
    score: 1250,
    rank: 3,
    total: 235,
    solved: 2,
    hidden: false,
  }
  const workspace: WorkspaceModel = {
    cluster: null,
    registry: null,
    forge: true,
    state: 'ready',
    username: 'maximilienne',
    remember: 'git config --global "credential.https://hunt.example.org.helper" "cache --timeout=28800"',
    repositories: [
      { name: 'torn-map', url: 'http://192.168.178.23:8080/git/maximilienne/torn-map.git', stages: [ref(0)] },
      {
        name: 'sealed-whisper',
        url: 'http://192.168.178.23:8080/git/maximilienne/sealed-whisper.git',
        stages: [ref(1), ref(2)],
      },
    ],
  }
  const checkNames = fr
    ? [
        'les deux moitiés sont réunies sur main',
        'la fusion garde les deux histoires',
        'le parchemin est scellé',
      ]
    : ['the two halves are merged on main', 'the merge keeps both histories', 'the scroll is sealed']
  const sha = '3f2a91c0d4be7a6a1c9d8f3e2b1a0c9d8e7f6a5b'
  const evidence: verdict.EvidenceModel = {
    what: 'commit',
    revision: sha,
    where: 'torn-map main',
    at: '2027-03-12T19:41:07+01:00',
    href: `/evidence/torn-map/${sha}`,
  }
  const findings: verdict.FindingModel[] = [
    { ok: true, message: fr ? 'map.txt sur main' : 'map.txt on main' },
    {
      ok: false,
      message: fr
        ? 'Les commits de la moitié est ne sont pas derrière main, et son texte seul ne suffirait pas.'
        : 'The commits of the eastern half are not behind main, and its text alone would not do.',
      expected: fr ? 'un commit de fusion à deux parents' : 'a merge commit with two parents',
      saw: fr ? 'main est à 3f2a91c, qui a 1 parent' : 'main is at 3f2a91c, which has 1 parent',
      where: `main:a/very/long/path/${'deep/'.repeat(20)}map.txt`,
    },
    { ok: null, message: fr ? 'les étapes 1 à 6, de haut en bas' : 'steps 1 to 6, from top to bottom' },
  ]
  const check = (index: number, verdict: verdict.CheckModel['verdict']): verdict.CheckModel => ({
    name: checkNames[index] ?? '',
    verdict,
    findings:
      verdict === 'passed'
        ? [{ ok: true, message: fr ? 'map.txt sur main' : 'map.txt on main' }]
        : verdict === 'failed'
          ? findings
          : [{ ok: null, message: fr ? 'l’hôte Git n’a pas répondu' : 'the Git host did not answer' }],
    evidence: [evidence],
  })
  const submission = (over: Partial<verdict.SubmissionModel> = {}): verdict.SubmissionModel => ({
    id: '5b0ff3c2-8f0e-4d5e-9a55-3c6c6a2f6f01',
    stage: ref(0),
    trigger: 'push',
    receivedAt: '2027-03-12T19:41:07+01:00',
    status: 'done',
    verdict: 'failed',
    looks: 1,
    unclear: 0,
    retryAt: null,
    held: null,
    waitsFor: null,
    waitsUntil: null,
    seenAt: null,
    late: null,
    supersededBy: null,
    checks: [check(0, 'passed'), check(1, 'failed')],
    solve: null,
    ...over,
  })
  const history: verdict.SubmissionLine[] = [
    submission(),
    submission({ trigger: 'button', verdict: 'inconclusive' }),
    submission({ trigger: 'api', status: 'superseded', verdict: null }),
    submission({ status: 'running', verdict: null }),
    submission({ status: 'waiting', verdict: null }),
    submission({ status: 'waiting', verdict: null, held: 'paused' }),
    submission({ verdict: 'passed', seenAt: '2027-03-12T20:00:03+01:00' }),
  ]
  const form: FormState = { values: {}, errors: {} }
  const story = renderMarkdown(
    fr
      ? 'Bienvenue au dernier monastère avant les nuages, Dolma. Ici, il y a de la soupe, il y a la vue, et il y a l’abbé Chöden, qui est aussi l’administrateur système : il est arrivé en retard à la réunion où on en a décidé.\n\n« J’aurais pu recopier une moitié sous l’autre, soupire l’abbé. Mais Tenzin *vérifie*. »\n\n1. Clone le dépôt et fusionne `east` dans `main`.\n2. Dans `map.txt` garde **les six étapes**.\n3. Pousse `main`.\n\n```\ngit merge --abort && echo "une ligne de code qui est beaucoup trop longue pour un téléphone, et même pour un écran"\n```'
      : 'Welcome to the last monastery before the clouds, Dolma. There is soup, there is a view, and there is Abbot Chöden, who is also the system administrator, because he was late to the meeting where that was decided.\n\n“I could have copied one half under the other,” says the abbot. “But Tenzin *checks*.”\n\n1. Clone the repository and merge `east` into `main`.\n2. In `map.txt` keep **all six steps, word for word**.\n3. Push `main`.\n\n```\ngit merge --abort && echo "a line of code that is far too long for a phone, and even for a screen of common width"\n```',
  )
  const hints: HintModel[] = [
    {
      number: 1,
      price: 10,
      taken: true,
      text: renderMarkdown(
        fr
          ? 'Après le clone, la moitié est s’appelle `origin/east`.'
          : 'After the clone the eastern half is there as `origin/east`.',
      ),
      available: false,
    },
    { number: 2, price: 25, taken: false, text: null, available: true },
    { number: 3, price: 0, taken: false, text: null, available: true },
    { number: 4, price: 50, taken: false, text: null, available: false },
  ]
  const stage: StagePage = {
    stage: {
      ...ref(0),
      points: 100,
      state: 'open',
      repository: 'torn-map',
      images: ['chest:1.0'],
      retired: false,
    },
    story,
    storyLanguage: language,
    storyLanguages: ['en', 'fr'],
    checks: checkNames,
    hints,
    hintsCost: 10,
    commands:
      'git clone http://192.168.178.23:8080/git/maximilienne/torn-map.git\ncd torn-map\ngit log --oneline --graph --all\ngit merge origin/east\n',
    login: 'docker login registry.abhra.example.org:5000 -u maximilienne',
    asks: 'both',
    answer: { wanted: false, form },
    verdict: { stage: ref(0), checks: checkNames, lastStep: 'push', paused: false, submission: submission() },
    diagnosis: null,
    history,
    previous: null,
    next: ref(1),
    solves: 41,
  }
  const solve: verdict.SolveModel = {
    award: 90,
    rank: 3,
    first: true,
    opened: [ref(1), ref(2)],
    reachedCity: false,
  }
  const teaser = fr
    ? 'Quelque part au-dessus des nuages, il y a une cité. Le chemin est gardé dans Git, et le yak a déjà marché dessus.'
    : 'Somewhere above the clouds there is a city. The way there is kept in Git, and the yak has already stepped on it.'
  const token = `shb_${'a7Qk'.repeat(11)}`
  return {
    fr,
    names,
    ref,
    stages,
    trail,
    board,
    own,
    workspace,
    checkNames,
    sha,
    evidence,
    findings,
    check,
    submission,
    history,
    form,
    stage,
    solve,
    teaser,
    token,
  }
}

export type Samples = ReturnType<typeof samples>
