import { z } from 'zod'

const quantity = z
  .string()
  .regex(/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'a quantity of Kubernetes, such as 500m, 256Mi or 2Gi')
const count = z.int().min(0).max(10_000)

/** What one container gets when it does not say, and may ask for at most. */
const container = z.strictObject({
  default: z.strictObject({ cpu: quantity, memory: quantity, ephemeralStorage: quantity }),
  request: z.strictObject({ cpu: quantity, memory: quantity, ephemeralStorage: quantity }),
  max: z.strictObject({ cpu: quantity, memory: quantity, ephemeralStorage: quantity }),
})

/** The numbers of one namespace: its ResourceQuota, LimitRange, and what its pods may reach. */
export const budget = z.strictObject({
  cpu: quantity,
  memory: quantity,
  ephemeralStorage: quantity,
  pods: count,
  services: count,
  persistentVolumeClaims: count,
  storage: quantity,
  secrets: count,
  configMaps: count,
  jobs: count,
  deployments: count,
  ingresses: count,
  container,
  /** What images and charts in the registry may take. */
  images: quantity.default('1Gi'),
  /** What pods may reach beyond their namespace, DNS, the registry and the forge. */
  egress: z
    .strictObject({ apiServer: z.boolean().default(false), internet: z.boolean().default(false) })
    .default({ apiServer: false, internet: false }),
})
export type Budget = z.infer<typeof budget>

const ofNamespaces = {
  cpu: true,
  memory: true,
  ephemeralStorage: true,
  pods: true,
  services: true,
  persistentVolumeClaims: true,
  storage: true,
  secrets: true,
  configMaps: true,
  jobs: true,
  deployments: true,
  ingresses: true,
  container: true,
} as const

/** As `board.yaml` says it: where no cluster asks for the numbers of a namespace, they may be left out. */
export const saidBudget = budget.partial(ofNamespaces)
export type SaidBudget = z.infer<typeof saidBudget>

/** What a namespace needs and a budget does not say. */
export function missingForNamespaces(said: SaidBudget): (keyof typeof ofNamespaces)[] {
  return (Object.keys(ofNamespaces) as (keyof typeof ofNamespaces)[]).filter((key) => said[key] === undefined)
}

export function isWhole(said: SaidBudget): said is Budget {
  return missingForNamespaces(said).length === 0
}
