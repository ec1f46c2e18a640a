import type { Pages } from '../../src/web/models/pages.ts'
import { longName, shownOnce, type Samples } from './gallery-models.ts'
import { before, running, visitor, type MakePage } from './gallery-page.ts'

/** What a visitor sees until they are a player. */
export function entryGallery(page: MakePage, s: Samples): Record<string, () => string> {
  const { teaser, token } = s
  const faulty = {
    values: { name: 'a' },
    errors: { name: { code: 'name-short' }, form: { code: 'registration-code' } },
  }
  const landing: Pages['landing'] = {
    teaser,
    registration: 'open',
    stages: 7,
    players: 235,
    top: s.board(8),
    reachedCity: [],
  }
  return {
    landing: page('landing', '/', landing, visitor),
    'landing-empty': page(
      'landing',
      '/',
      { ...landing, players: 0, registration: 'closed', top: s.board(0) },
      { ...visitor, ...before },
    ),
    'landing-after': page(
      'landing',
      '/',
      {
        ...landing,
        reachedCity: [
          { name: longName, at: '2027-03-12T20:40:12+01:00' },
          { name: 'Dolma', at: '2027-03-12T21:02:00+01:00' },
        ],
      },
      {
        clock: { ...running, phase: 'after' },
        announcement: {
          id: '7',
          text: s.fr ? 'Soupe à huit heures, dans la cour.' : 'Soup at eight, in the yard.',
          at: '2027-03-12T19:00:00+01:00',
        },
      },
    ),
    join: page('join', '/join', { registration: 'open', form: s.form }, visitor),
    'join-faulty': page('join', '/join', { registration: 'code', form: faulty }, visitor),
    'join-closed': page('join', '/join', { registration: 'closed', form: s.form }, visitor),
    login: page(
      'login',
      '/login',
      { next: '/map', form: { values: { name: 'Dolma' }, errors: { form: { code: 'log-in-wrong' } } } },
      visitor,
    ),
    forgot: page('forgot', '/forgot', {}, visitor),
    reset: page(
      'reset',
      '/reset/x',
      { token: 'x', name: longName, form: { values: {}, errors: { password: { code: 'password-short' } } } },
      visitor,
    ),
    organizer: page('organizer', '/organizer/x', { token: 'x' }, visitor),
    welcome: page('welcome', '/welcome', {
      name: longName,
      token: shownOnce(token),
      workspace: s.workspace,
      first: s.ref(0),
    }),
    'welcome-before': page(
      'welcome',
      '/welcome',
      {
        name: 'Dolma',
        token: shownOnce(token),
        workspace: { ...s.workspace, repositories: [] },
        first: null,
      },
      before,
    ),
  }
}
