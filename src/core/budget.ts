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
