import { z } from 'zod'

const repository = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const version = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$/

export const chartSpec = z.strictObject({
  repository: z
    .string()
    .min(1)
    .max(200)
    .refine(
      (name) => name.includes('{{') || repository.test(name),
      'a name below the player’s path in the registry, such as scroll',
    )
    .describe('Below the player’s path, such as `scroll`; helm names it after the chart.'),
  version: z
    .string()
    .min(1)
    .max(200)
    .refine((text) => text.includes('{{') || version.test(text), 'a version, such as 1.2.0')
    .optional()
    .describe('With its `+`, which the tag writes as `_`; the newest when not said.'),
})
export type ChartSpec = z.output<typeof chartSpec>

const text = z.string()

export const chartFacts = z.object({
  found: z.boolean().describe('The registry has the version, or any version when none was said.'),
  repository: text,
  tag: text.describe('The version with `_` for `+`; empty when none is found.'),
  digest: text.describe('Of the manifest, as `helm push` shows it.'),
  name: text,
  version: text,
  appVersion: text,
  description: text,
  type: text.describe('application or library.'),
  dependencies: z
    .array(
      z.object({
        name: text,
        version: text.describe('As Chart.yaml asks for it, such as `^1.2.0`.'),
        repository: text,
        alias: text,
        condition: text,
      }),
    )
    .describe('What Chart.yaml asks for; what is packed with the chart stands in `files`.'),
  values: z.record(text, z.unknown()).describe('The chart’s own values.yaml.'),
  templates: z.array(text).describe('Names of the files in templates/, such as `templates/web.yaml`.'),
  files: z.array(text).describe('Names of all files, those of packed sub-charts included.'),
  provenance: z.object({
    present: z.boolean().describe('A provenance file was pushed along.'),
    matches: z
      .boolean()
      .describe('It names the SHA-256 of this very package; who signed it is not looked at.'),
  }),
  mediaTypes: z.object({ manifest: text, config: text, layers: z.array(text) }),
  annotations: z.record(text, text).describe('Of the manifest; helm copies those of Chart.yaml to it.'),
})
export type ChartFacts = z.output<typeof chartFacts>

export function nothingThere({ repository }: ChartSpec): ChartFacts {
  return {
    found: false,
    repository,
    tag: '',
    digest: '',
    name: '',
    version: '',
    appVersion: '',
    description: '',
    type: '',
    dependencies: [],
    values: {},
    templates: [],
    files: [],
    provenance: { present: false, matches: false },
    mediaTypes: { manifest: '', config: '', layers: [] },
    annotations: {},
  }
}
