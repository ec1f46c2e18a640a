import { brief } from './words.ts'
import type { Config } from './shapes.ts'
import type { ImageFacts } from './spec.ts'

const mostNamed = 200
const mostSteps = 500

/** What the builder declared; it proves nothing. */
export function tellConfig({ config, created }: Config): ImageFacts['config'] {
  const healthcheck = config?.Healthcheck?.Test ?? []
  return {
    user: brief(config?.User),
    env: envOf(config?.Env ?? []),
    entrypoint: (config?.Entrypoint ?? []).slice(0, mostNamed).map(brief),
    cmd: (config?.Cmd ?? []).slice(0, mostNamed).map(brief),
    // A port without a protocol is one of TCP.
    ports: keysOf(config?.ExposedPorts).map((port) => (port.includes('/') ? port : `${port}/tcp`)),
    labels: tellNamed(config?.Labels),
    workdir: brief(config?.WorkingDir),
    volumes: keysOf(config?.Volumes),
    stopSignal: brief(config?.StopSignal),
    healthcheck: healthcheck[0] === 'NONE' ? [] : healthcheck.slice(0, mostNamed).map(brief),
    created: brief(created),
  }
}

export function tellHistory({ history }: Config): ImageFacts['history'] {
  return (history ?? []).slice(0, mostSteps).map((step) => ({
    createdBy: brief(step.created_by),
    created: brief(step.created),
    comment: brief(step.comment),
    empty: step.empty_layer ?? false,
  }))
}

export function tellNamed(values: Record<string, string> | null | undefined): Record<string, string> {
  const entries = Object.entries(values ?? {}).slice(0, mostNamed)
  return Object.fromEntries(entries.map(([key, value]) => [brief(key), brief(value)]))
}

/** Of a name that comes twice a container sees the last. */
function envOf(lines: readonly string[]): Record<string, string> {
  const pairs = lines.slice(0, mostNamed).map((line): [string, string] => {
    const at = line.indexOf('=')
    return at < 0 ? [brief(line), ''] : [brief(line.slice(0, at)), brief(line.slice(at + 1))]
  })
  return Object.fromEntries(pairs)
}

function keysOf(values: Record<string, unknown> | null | undefined): string[] {
  return Object.keys(values ?? {})
    .slice(0, mostNamed)
    .map(brief)
    .sort()
}
