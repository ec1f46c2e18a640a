import { z } from 'zod'
import { localized } from '../../core/text.ts'

const text = z.union([z.string(), localized.transform((value) => value.en)])

/** A submission as the API tells it, as far as a proof reads it. */
export const submissionAnswer = z.object({
  status: z.string(),
  verdict: z.enum(['passed', 'failed', 'inconclusive']).nullable(),
  checks: z
    .array(
      z.object({
        name: text,
        verdict: z.string(),
        findings: z.array(z.object({ ok: z.boolean().nullable(), message: text })),
      }),
    )
    .default([]),
})
export type ProofSubmission = z.infer<typeof submissionAnswer>

export const workspaceAnswer = z.object({
  repositories: z.array(z.object({ name: z.string(), url: z.url(), username: z.string() })),
  cluster: z
    .object({
      state: z.string(),
      namespaces: z.array(z.object({ name: z.string() })),
      hostSuffix: z.string().nullable(),
      nextTry: z.string().nullable(),
    })
    .nullable(),
  registry: z.object({ host: z.string(), path: z.string(), plainHttp: z.boolean() }).nullable(),
})

export const imagesAnswer = z.object({
  rows: z.array(z.object({ repository: z.string(), digest: z.string() })),
})

export const registeredAnswer = z.object({ slug: z.string(), token: z.string() })

/** A stage's page as the API tells it. */
export const pageAnswer = z.object({
  story: z.string(),
  commands: z.string().nullable(),
  hints: z.array(z.object({ number: z.int(), taken: z.boolean(), text: z.string().nullable() })),
})
