import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { countByStatus } from '../db/submissions.ts'
import type { WebDeps } from './deps.ts'

export interface Metrics {
  registry: Registry
  request(method: string, status: number, seconds: number): void
}

/** Prometheus metrics of this process. Labels are few and bounded: never a player, a SHA or an error text. */
export function createMetrics({ game, sse }: Pick<WebDeps, 'game'> & Partial<Pick<WebDeps, 'sse'>>): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'shambhala_http_request_duration_seconds',
    help: 'Time until a response was sent.',
    labelNames: ['method', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  })
  new Gauge({
    name: 'shambhala_submissions',
    help: 'Submissions without a verdict, by status.',
    labelNames: ['status'],
    registers,
    async collect() {
      this.reset()
      for (const row of await countByStatus(game.sql)) this.set({ status: row.status }, row.count)
    },
  })
  new Gauge({
    name: 'shambhala_event_readers',
    help: 'Open event streams.',
    registers,
    collect() {
      this.set(sse?.size ?? 0)
    },
  })
  new Gauge({
    name: 'shambhala_players',
    help: 'Players on the leaderboard.',
    registers,
    collect() {
      this.set(game.leaderboard.standings.total)
    },
  })
  const solves = new Counter({
    name: 'shambhala_solves_total',
    help: 'Solves seen by this process, by challenge.',
    labelNames: ['challenge'],
    registers,
    collect() {
      if (!game.settings.frozen()) for (const challenge of unseen.splice(0)) this.inc({ challenge })
    },
  })
  // While the leaderboard stands still, nobody learns here what is solved meanwhile.
  const unseen: string[] = []
  game.bus.listen((note) => {
    if (note.kind !== 'solve') return
    if (game.settings.frozen()) unseen.push(note.subject)
    else solves.inc({ challenge: note.subject })
  })
  return {
    registry,
    request(method, status, seconds) {
      const known = ['GET', 'HEAD', 'POST', 'DELETE'].includes(method) ? method : 'other'
      requests.observe({ method: known, status: `${Math.floor(status / 100)}xx` }, seconds)
    },
  }
}
