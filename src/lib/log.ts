import { pino, type Logger } from 'pino'

export type Log = Logger

/** Structured logs on stdout, or on stderr (2); readable ones where a person watches a terminal. */
export function createLog(level: string, pretty: boolean, destination: 1 | 2 = 1): Log {
  const options = {
    level,
    redact: ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]'],
  }
  if (!pretty) return pino(options, pino.destination(destination))
  const transport = {
    target: 'pino-pretty',
    options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', destination },
  }
  return pino({ ...options, transport })
}

export const silentLog: Log = pino({ level: 'silent' })
