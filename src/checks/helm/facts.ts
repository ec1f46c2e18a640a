import type { KubeObject } from '../../board/cluster/types.ts'
import { measure } from '../../lib/measure.ts'
import type { Driver, Revision } from './choose.ts'
import type { Release } from './release.ts'
import type { HelmFacts } from './spec.ts'
import { computeValues } from './values.ts'

const longestNotes = 16_384

export interface Seen {
  driver: Driver
  /** Newest first. */
  revisions: readonly Revision[]
  newest: Release
  history: readonly Release[] | null
  manifest: KubeObject[] | null
  live: HelmFacts['live']
}

/** What an author may ask about a release that is there. Values beyond all measure are a `PlayerFault`. */
export function factsOf({ driver, revisions, newest, history, manifest, live }: Seen): HelmFacts {
  const { info, chart } = newest
  const { name, version, appVersion } = chart.metadata
  measure('helm get values', newest.config)
  measure('helm get values --all', chart.values)
  return {
    found: true,
    hidden: false,
    driver,
    release: newest.name,
    namespace: newest.namespace,
    revision: newest.version,
    status: info.status,
    deployed: revisions.find((one) => one.status === 'deployed')?.revision ?? 0,
    problems: [],
    description: info.description,
    firstDeployed: info.first_deployed,
    updated: info.last_deployed,
    chart: { name, version, appVersion },
    values: { user: newest.config, computed: computeValues(chart.values, newest.config) },
    notes: info.notes.slice(0, longestNotes),
    tests: testsOf(newest),
    history: history?.map(historyOf) ?? null,
    manifest,
    live,
  }
}

function testsOf({ hooks }: Release): HelmFacts['tests'] {
  return hooks
    .filter(({ events }) => events.includes('test'))
    .map(({ name, kind, last_run: { phase, started_at: started, completed_at: completed } }) => ({
      name,
      kind,
      phase,
      started,
      completed,
    }))
}

function historyOf({ version, info, chart }: Release): NonNullable<HelmFacts['history']>[number] {
  return {
    revision: version,
    status: info.status,
    description: info.description,
    chartVersion: chart.metadata.version,
    updated: info.last_deployed,
  }
}
