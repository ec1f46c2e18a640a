import type { DeskPage } from '../../src/web/desk/model.ts'
import { longName, shownOnce, type Samples } from './gallery-models.ts'
import { organizer, running, type MakePage } from './gallery-page.ts'
import { deskWorkspacesSample } from './gallery-workspace.ts'

/** The organizers' pages. */
export function deskGallery(page: MakePage, s: Samples): Record<string, () => string> {
  const desk = deskSample(s)
  return {
    desk: page('desk', '/desk', desk, {
      reader: organizer,
      flash: { kind: 'success', code: 'window-set' },
    }),
    'desk-frozen': page(
      'desk',
      '/desk',
      { ...desk, hunt: { ...desk.hunt, frozen: true } },
      { reader: organizer, clock: { ...running, phase: 'after', frozen: true } },
    ),
    'desk-empty': page(
      'desk',
      '/desk',
      {
        ...desk,
        hunt: { ...desk.hunt, paused: { since: '2027-03-12T19:00:00+01:00' }, announcement: null },
        players: { find: 'zz', rows: [], more: false, total: 0, resetLinks: [] },
        submissions: { ...desk.submissions, rows: [], older: null },
        stages: [],
        audit: [],
      },
      { reader: organizer },
    ),
    'desk-workspaces': page(
      'desk-workspaces',
      '/desk/workspaces',
      deskWorkspacesSample(['Dolma', longName, '<b>Tenzin</b>', 'Zoë Ångström', 'a1']),
      { reader: organizer },
    ),
    'desk-workspaces-empty': page(
      'desk-workspaces',
      '/desk/workspaces',
      { ...deskWorkspacesSample([]), rows: [], more: false },
      { reader: organizer },
    ),
    'desk-workspace-reset': page(
      'desk-workspace-reset',
      '/desk/workspaces/x/reset',
      {
        slug: 'maximilienne',
        name: longName,
        namespaces: ['hunt-maximilienne', 'hunt-maximilienne-staging'],
      },
      { reader: organizer },
    ),
    'desk-submission': page(
      'desk-submission',
      '/desk/submissions/x',
      {
        submission: {
          ...s.submission({ looks: 2 }),
          slug: 'maximilienne',
          name: longName,
          finishedAt: '2027-03-12T19:41:09+01:00',
        },
      },
      { reader: organizer },
    ),
  }
}

export function deskSample({ form, names, history, stages }: Samples): DeskPage {
  return {
    hunt: {
      window: { start: '2027-03-12T18:00', end: '2027-03-12T22:00', freeze: '', overridden: true, form },
      frozen: false,
      paused: null,
      registration: { mode: 'code', code: 'yak-butter' },
      announcement: {
        en: 'Soup at eight, in the yard.',
        fr: 'Soupe à huit heures, dans la cour.',
        at: '2027-03-12T19:00:00+01:00',
      },
      announcementForm: { values: {}, errors: {} },
    },
    players: {
      find: '',
      rows: names.map((name, index) => ({
        slug: `player${index}`,
        name,
        score: 1000 - index * 50,
        solved: 5 - Math.floor(index / 2),
        hidden: index === 3,
        createdAt: '2027-03-12T17:50:00+01:00',
        lastSeenAt: index === 4 ? null : '2027-03-12T19:41:07+01:00',
        hintsOnly: index === 4,
      })),
      more: true,
      total: 235,
      resetLinks: [
        {
          ...shownOnce(`http://192.168.178.23:8080/reset/${'x7'.repeat(21)}`),
          name: longName,
          expiresAt: '2027-03-13T19:41:07+01:00',
        },
      ],
    },
    submissions: {
      filter: { player: '', challenge: 'torn-map', verdict: 'failed' },
      rows: history.map((line, index) => ({
        ...line,
        slug: `player${index}`,
        name: index === 2 ? null : (names[index] ?? ''),
      })),
      older: '/desk?before=x#submissions',
    },
    workspaces: { failed: 2 },
    stages: stages.map((one, index) => ({ ...one, tried: 12 + index, solved: 41 - index * 6 })),
    audit: [
      {
        at: '2027-03-12T19:00:00+01:00',
        by: { name: 'Abbot' },
        action: 'announced',
        values: { context: 'text', text: 'Soup at eight, in the yard.' },
      },
      { at: '2027-03-12T18:00:00+01:00', by: 'server', action: 'board-torn-down', values: {} },
    ],
  }
}
