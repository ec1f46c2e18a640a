import { z } from 'zod'

export const releaseName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** What costs more than reading the release's newest revision is looked at only when it is asked for here. */
export const helmSpec = z.strictObject({
  release: z
    .string()
    .min(1)
    .max(200)
    .refine(
      (name) => name.includes('{{') || (name.length <= 53 && releaseName.test(name)),
      'the name of a Helm release, such as treasure',
    )
    .describe('Name of the release, as `helm list` shows it.'),
  environment: z
    .string()
    .min(1)
    .max(40)
    .optional()
    .describe('Which of the player’s namespaces, such as `staging`; the main one when not said.'),
  manifest: z
    .boolean()
    .default(false)
    .describe('Also parse what the chart rendered to: `manifest`, else null.'),
  live: z
    .boolean()
    .default(false)
    .describe('Also compare each object of the manifest with the one in the cluster: `live`, else null.'),
  history: z
    .boolean()
    .default(false)
    .describe('Also read the earlier revisions that Helm keeps (ten by default): `history`, else null.'),
})
export type HelmSpec = z.output<typeof helmSpec>

const text = z.string()
const time = text.describe('RFC 3339 in UTC; empty where Helm wrote none.')
const values = z.record(text, z.unknown())
const object = z.looseObject({ apiVersion: text, kind: text, metadata: z.looseObject({ name: text }) })

export const helmFacts = z.object({
  found: z.boolean().describe('Helm has stored a release of that name in the namespace.'),
  hidden: z
    .boolean()
    .describe(
      'Nothing is stored although objects in the namespace bear Helm’s marks of this release: HELM_DRIVER=sql keeps it elsewhere. With HELM_DRIVER=memory Helm makes no object at all.',
    ),
  driver: text.describe('Where it is stored: `secret` or `configmap`.'),
  release: text,
  namespace: text,
  revision: z.int().describe('The newest revision, which `helm list` shows; 0 when not found.'),
  status: text.describe(
    'Of the newest revision: deployed, failed, superseded, uninstalled, uninstalling, unknown, or pending-….',
  ),
  deployed: z
    .int()
    .describe(
      'The newest revision with status deployed; another than `revision` after a failed upgrade; 0 when there is none.',
    ),
  problems: z
    .array(z.object({ code: text, text: z.object({ en: text, fr: text }) }))
    .describe(
      'Why it goes no further, in plain words with the command that helps: `broken-off` where helm was stopped in the middle.',
    ),
  description: text.describe('What Helm did, such as `Upgrade complete` or `Rollback to 1`.'),
  firstDeployed: time,
  updated: time,
  chart: z.object({ name: text, version: text, appVersion: text }),
  values: z.object({
    user: values.describe('What the player gave by `--set` and `-f` alone.'),
    computed: values.describe(
      'The chart’s defaults under what the player gave; without those of sub-charts.',
    ),
  }),
  notes: text.describe('What NOTES.txt rendered to, at most 16 384 characters.'),
  tests: z
    .array(
      z.object({
        name: text,
        kind: text,
        phase: text.describe('Succeeded, Failed, Running, Unknown; empty before `helm test` has run.'),
        started: time,
        completed: time,
      }),
    )
    .describe('The test hooks of the chart.'),
  history: z
    .array(
      z.object({
        revision: z.int(),
        status: text,
        description: text,
        chartVersion: text,
        updated: time,
      }),
    )
    .nullable()
    .describe('Newest first, the newest revision included.'),
  manifest: z.array(object).nullable().describe('The rendered objects without hooks, as they were sent.'),
  live: z
    .array(
      z.object({
        apiVersion: text,
        kind: text,
        name: text,
        exists: z.boolean(),
        owned: z.boolean().describe('It bears Helm’s marks of this very release.'),
        matches: z.boolean().describe('Every field of the manifest is so in the cluster, too.'),
        difference: text.describe('Path of the first field that is not, such as `spec.replicas`.'),
      }),
    )
    .nullable()
    .describe('One for each object of the manifest, in its order.'),
})
export type HelmFacts = z.output<typeof helmFacts>

/** What is seen where no release is. */
export function nothingThere(spec: HelmSpec, namespace: string, hidden: boolean): HelmFacts {
  return {
    found: false,
    hidden,
    driver: '',
    release: spec.release,
    namespace,
    revision: 0,
    status: '',
    deployed: 0,
    problems: [],
    description: '',
    firstDeployed: '',
    updated: '',
    chart: { name: '', version: '', appVersion: '' },
    values: { user: {}, computed: {} },
    notes: '',
    tests: [],
    history: spec.history ? [] : null,
    manifest: spec.manifest ? [] : null,
    live: spec.live ? [] : null,
  }
}
