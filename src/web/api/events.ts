import { z } from 'zod'
import { route } from './route.ts'

export const eventsRoute = route({
  method: 'get',
  path: '/events',
  id: 'readEvents',
  about: `Server-sent events. For everybody: \`beat\` {every, now} as often as it says, in milliseconds, \`standings\` {version,
total, frozen, rows, gone, first} (without rows: read the leaderboard again if your version is older), \`announcement\` {id, text}
(both null when it was withdrawn), \`hunt\` {phase, paused, start, end, freeze, registration}. With a token, of
your own: \`submission\` {id, challenge, status, verdict, attempt, retryAt}, \`workspace\` {state, repository} of a repository, {cluster} with the state of the namespaces, {registry: moved}.
With an organizer's token: \`workspaces\` {} when the workspace of any player on a cluster moved.
A stream begins with \`beat\`, \`standings\`, \`hunt\` and \`announcement\` as they stand. One that is opened again with the id of its
last event brings what was missed.`,
  access: 'anyone',
  query: z.object({
    lastEventId: z.string().max(30).optional().meta({ description: 'The same as the header Last-Event-ID.' }),
  }),
  answers: {
    200: { about: 'The stream; it stays open.', schema: z.string(), type: 'text/event-stream' },
  },
  refusals: [503],
  async handle({ sse, req, res }) {
    await sse.handler(req, res)
    return null
  },
})
