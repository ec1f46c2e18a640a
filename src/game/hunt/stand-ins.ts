const text = { en: '?', fr: '?' }

/** What stands for a key of a challenge that is missing or cannot be read, so that the rest can still be looked at. */
export const challengeStandIns: Readonly<Record<string, unknown>> = {
  id: 'unknown',
  title: text,
  teaser: text,
  name: text,
  else: text,
  text,
  en: '?',
  that: 'true',
  points: 1,
  expect: [{ that: 'true', else: text }],
}
