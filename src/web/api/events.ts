import { z } from 'zod'
import { streamedEvent } from './event-schemas.ts'
import { route } from './route.ts'
import { text } from './schemas.ts'

export const eventsRoute = route({
  method: 'get',
  path: '/events',
  id: 'readEvents',
  about: `Server-sent events: the schema is that of one event, and \`data\` holds JSON. A stream begins with \`beat\`, \`standings\`,
\`hunt\` and \`announcement\` as they stand, and goes on until somebody closes it; one of an account ends after half an hour, to be opened
again. One that is opened with the id of its last event brings what was missed of your own.`,
  access: 'anyone',
  headers: z.object({
    'Last-Event-ID': z
      .string()
      .optional()
      .meta({ description: 'Id of the last event that you have. Anything else begins anew.' }),
  }),
  query: z.object({
    lastEventId: text({
      most: 30,
      about: 'The same as the header Last-Event-ID, which goes before it.',
    }).optional(),
  }),
  answers: {
    200: { about: 'The stream; it stays open.', schema: streamedEvent, type: 'text/event-stream' },
  },
  async handle({ sse, req, res }) {
    await sse.handler(req, res)
    return null
  },
})
