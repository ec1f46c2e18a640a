import { z } from 'zod'
import { problemCodes } from '../../core/problem.ts'

const name = z
  .string()
  .regex(/^[a-z0-9{]([-a-z0-9.{}_ ]*[a-z0-9}])?$/, 'the name of an object, such as web')
  .max(253)

export const kubernetesSpec = z
  .strictObject({
    apiVersion: z
      .string()
      .regex(/^([a-z0-9.-]+\/)?v[0-9]+((alpha|beta)[0-9]+)?$/, 'such as v1, apps/v1 or stable.example.org/v1')
      .max(253)
      .describe('Such as `v1`, `apps/v1`, or that of a custom resource.'),
    kind: z
      .string()
      .regex(/^[A-Z][A-Za-z0-9]*$/, 'such as Deployment')
      .max(63)
      .describe('Such as `Deployment`.'),
    name: name.optional().describe('The one object of this name.'),
    selector: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe(
        'Label selector, such as `app=web,tier!=old`. Without name and selector, all objects of the kind.',
      ),
    environment: z
      .string()
      .min(1)
      .max(40)
      .optional()
      .describe('Environment whose namespace is looked at, such as `staging`; the main one when not said.'),
  })
  .refine((one) => one.name === undefined || one.selector === undefined, 'say either name or selector')
export type KubernetesSpec = z.infer<typeof kubernetesSpec>

const texts = z.record(z.string(), z.string())

export const kubernetesFacts = z.object({
  found: z.boolean().describe('There is at least one such object.'),
  count: z.int().describe('How many there are, 200 at most.'),
  truncated: z.boolean().describe('There are more than were read.'),
  namespace: z.string(),
  object: z
    .unknown()
    .describe(
      'The object of that name, or the first one, as the API server gives it; null where there is none.',
    ),
  objects: z.array(
    z.object({
      name: z.string(),
      ready: z.boolean(),
      labels: texts,
      annotations: texts,
      spec: z.unknown().describe('null where it has none.'),
      status: z.unknown().describe('null where it has none.'),
      data: texts.describe(
        'Of a ConfigMap (binaryData too), or of a Secret: decoded where it is text, else base64.',
      ),
    }),
  ),
  ready: z
    .boolean()
    .describe(
      'All of them are there and do their work: pods ready and rolled out, Job complete, Service with ready endpoints, claim bound, Ingress with an address, autoscaler with metrics, budget with pods to guard, route that its Gateways have accepted, otherwise its condition Ready, Available or Programmed.',
    ),
  containers: z
    .array(
      z.object({
        pod: z.string(),
        name: z.string(),
        init: z.boolean(),
        image: z.string().describe('As the pod names it.'),
        digest: z
          .string()
          .describe(
            'Of the manifest that runs, such as `sha256:…`; empty where the node did not pull it by digest.',
          ),
        imageId: z.string().describe('As the node tells it.'),
        restarts: z.int(),
        ready: z.boolean(),
        state: z.enum(['waiting', 'running', 'terminated']),
        reason: z.string().describe('Such as `CrashLoopBackOff`; empty while it runs.'),
      }),
    )
    .describe('Of the pods that belong to the objects, 100 at most.'),
  events: z
    .array(
      z.object({
        type: z.string(),
        reason: z.string(),
        message: z.string(),
        count: z.int(),
        object: z.string().describe('Such as `Pod/web-1`.'),
        at: z.string().describe('Last time, RFC 3339.'),
      }),
    )
    .describe('Of the objects and their pods, the newest first, 50 at most.'),
  problems: z
    .array(
      z.object({
        code: z.enum(problemCodes),
        object: z.string().describe('Such as `Deployment/web`.'),
        text: z.object({ en: z.string(), fr: z.string() }),
        details: texts,
        heals: z.boolean().describe('It may mend by itself.'),
        ours: z.boolean().describe('The board has to mend it, not the player.'),
      }),
    )
    .describe('Why they do not run, 20 at most.'),
  why: z.string().describe('The first problem in plain words; empty where there is none.'),
})
export type KubernetesFacts = z.infer<typeof kubernetesFacts>
