import { z } from 'zod'
import { missingForNamespaces, saidBudget } from './budget.ts'

const name = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens, such as main')
  .max(40)
const domain = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/,
    'a domain, such as play.example.org',
  )
  .max(190)
const port = z.int().min(1).max(65_535)

const ingress = z.strictObject({
  /** A player's host names end with `<slug>.<domain>`; a wildcard record of it leads to the ingress controller. */
  domain,
  className: z.string().min(1).max(60),
  /** Namespace of the ingress controller, whose pods may reach players' pods. */
  namespace: z.string().min(1).max(63).default('ingress-nginx'),
  /** Where checks reach the controller; what the player's host names resolve to when not said. */
  address: z.string().min(1).max(253).optional(),
  httpPort: port.default(80),
  httpsPort: port.default(443),
  /** Where the world reaches it, as pages and verdicts print it. */
  publicHttpPort: port.default(80),
  publicHttpsPort: port.default(443),
  /** It listens at every address of the server, and the domain's names need not lead there. */
  onServer: z.boolean().default(false),
  /** Annotations of Ingresses that players may write. */
  annotations: z.array(z.string().min(1).max(250)).max(50).default([]),
  /** The Gateway that HTTPRoutes of players may name as parent, as `namespace/name`. */
  gateway: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'namespace/name')
    .optional(),
})

const cluster = z
  .strictObject({
    name,
    /** Path of a kubeconfig, from this file's folder. */
    kubeconfig: z.string().min(1).optional(),
    /** Its context; the current one when not said. */
    context: z.string().min(1).optional(),
    /** The master runs in this cluster and uses its own service account. */
    inCluster: z.boolean().default(false),
    /** The address that players' kubeconfigs name, where it is not the master's. */
    publicServer: z.url({ protocol: /^https$/ }).optional(),
    /** PEM file of a private authority, in addition to the kubeconfig's. */
    certificateAuthority: z.string().min(1).optional(),
    /** HTTP proxy on the way to the API server. */
    proxy: z.url({ protocol: /^https?$/ }).optional(),
    /** Workspaces at most. */
    capacity: z.int().min(1).max(10_000).default(100),
    ingress: ingress.optional(),
    storageClass: z.string().min(1).max(253).optional(),
    /** Minutes for which finalizers may hold up the deletion of a namespace; then they are taken off what is the player's. */
    finalizerMinutes: z.number().min(0).max(1440).default(3),
    /** `unenforced`: play on although the network plugin enforces no NetworkPolicy. */
    networkPolicies: z.enum(['enforced', 'unenforced']).default('enforced'),
    /** Image of the probe's Job, which needs a shell with `wget`; without it, the network is not probed. */
    probeImage: z.string().min(1).max(255).optional(),
  })
  .refine(
    (one) => one.inCluster !== (one.kubeconfig !== undefined),
    'say either kubeconfig or inCluster: true',
  )

const registry = z.strictObject({
  /** Host (and port) as players' tools and the nodes name it. */
  host: z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/,
      'a host with a port, such as registry.example.org:5000',
    )
    .max(200),
  /** Where the master reaches it; the same host when not said. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** Players and nodes reach it without TLS, which their tools have to be told. */
  plainHttp: z.boolean().default(false),
  /** PEM file of a private authority. */
  certificateAuthority: z.string().min(1).optional(),
  /** Hosts that the registry may redirect downloads to, such as that of its object store. */
  redirects: z.array(z.string().min(1).max(253)).max(10).default([]),
})
export type RegistrySettings = z.infer<typeof registry>

/** Who hosts players' repositories: this server (`embedded`), or nobody. */
const forge = z
  .enum(['embedded', 'none'], 'embedded, or none where players get no repositories')
  .default('embedded')

/** As much of `board.yaml` as says which forge the board has, whatever else stands there. */
export const forgeOfBoard = z.object({ forge })

const hasNamespaces = z.looseObject({
  clusters: z.array(z.unknown()).min(1),
  budgets: z.record(z.string(), z.looseObject({})),
})

/** `board.yaml`: where workspaces live, and what each of them may use. */
export const boardFile = z
  .strictObject({
    forge,
    clusters: z.array(cluster).max(20).default([]),
    registry: registry.optional(),
    /** Every number of a namespace only where there are clusters. */
    budgets: z.record(name, saidBudget).default({}),
    /** Prefixes of images that every player may run, beside the own path and `hunt/`. */
    images: z.array(z.string().min(1).max(255)).max(100).default([]),
    /** CIDRs of the registry and the forge, which pods may reach. */
    services: z
      .array(z.union([z.cidrv4(), z.cidrv6()]))
      .max(20)
      .default([]),
    /** Days after which a workspace that nobody renews is deleted. */
    days: z.number().min(0.01).max(365).default(14),
  })
  .refine((board) => new Set(board.clusters.map((one) => one.name)).size === board.clusters.length, {
    path: ['clusters'],
    message: 'two clusters have the same name',
  })
  .superRefine(
    ({ budgets }, context) => {
      for (const [key, said] of Object.entries(budgets))
        for (const missing of missingForNamespaces(said))
          context.addIssue({ code: 'custom', path: ['budgets', key, missing], message: 'is missing' })
    },
    // Beside other faults too.
    { when: ({ value }) => hasNamespaces.safeParse(value).success },
  )
export type BoardFile = z.infer<typeof boardFile>
export type ClusterSettings = BoardFile['clusters'][number]
