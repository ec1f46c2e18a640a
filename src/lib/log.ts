import { pino, type Logger } from 'pino'

export type Log = Logger

/** Structured logs on stdout; readable ones where a person watches a terminal. */
export function createLog(level: string, pretty: boolean): Log {
  return pino({
    level,
    redact: ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]'],
    ...(pretty && {
      transport: {
        target: 'pino-pretty',
        options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' },
      },
    }),
  })
}

export const silentLog: Log = pino({ level: 'silent' })
