import { z } from 'zod'
import { route } from './route.ts'

export const eventsApi = [
  route({
    method: 'get',
    path: '/events',
    id: 'events',
    about:
      'Server-sent events: `standings` for everybody; with a token or a log-in also your own `submission` and `workspace`; ' +
      '`announcement` and `hunt`. `Last-Event-ID` brings what was missed.',
    access: 'anyone',
    query: z.object({ lastEventId: z.string().max(30).optional() }),
    answers: { 200: { about: 'The stream.', type: 'text/event-stream' } },
    async handle({ sse, req, res }) {
      await sse.handler(req, res)
      return null
    },
  }),
]
