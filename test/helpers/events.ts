import { get, type ClientRequest, type IncomingMessage } from 'node:http'

export interface StreamEvent {
  id: string | undefined
  event: string
  data: Record<string, unknown>
}

/** A reader of `/api/v1/events`, as a browser's EventSource is one. */
export interface EventReader {
  response: IncomingMessage
  /** Everything that came so far. */
  events: StreamEvent[]
  comments: string[]
  /** The first event, also of those that came before, that is of this kind and fulfils the condition. */
  next(event: string, fits?: (data: StreamEvent['data']) => boolean): Promise<StreamEvent>
  /** As the browser would send it when it comes again. */
  lastId(): string | undefined
  ended: Promise<void>
  close(): void
}

export async function readEvents(
  url: string,
  {
    token,
    headers = {},
    query = '',
  }: { token?: string; headers?: Record<string, string>; query?: string } = {},
): Promise<EventReader> {
  const asked: ClientRequest = get(`${url}/api/v1/events${query}`, {
    agent: false,
    headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...headers },
  })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve).on('error', reject)
  })
  const events: StreamEvent[] = []
  const comments: string[] = []
  const waiting = new Set<() => void>()
  let lastId: string | undefined
  let rest = ''
  response.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      if (block.startsWith(':')) comments.push(block)
      const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s) as [string, string]))
      lastId = fields.get('id') ?? lastId
      const data = fields.get('data')
      if (data === undefined) continue
      const event = { id: fields.get('id'), event: fields.get('event') ?? 'message' }
      events.push({ ...event, data: JSON.parse(data) as StreamEvent['data'] })
    }
    for (const look of waiting) look()
  })
  const ended = new Promise<void>((resolve) => {
    response.on('close', resolve).on('error', () => undefined)
  })
  return {
    response,
    events,
    comments,
    ended,
    lastId: () => lastId,
    next: (event, fits = () => true) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          const came = events.map((one) => `${one.event} ${JSON.stringify(one.data).slice(0, 200)}`)
          reject(new Error(`no ${event} came; what came:\n${came.join('\n')}`))
        }, 20_000)
        const look = () => {
          const found = events.find((one) => one.event === event && fits(one.data))
          if (!found) return
          waiting.delete(look)
          clearTimeout(late)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    close: () => asked.destroy(),
  }
}
