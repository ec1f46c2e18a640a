import { until } from '../until.ts'
import type { BoardPlayer } from './player.ts'

/** The kind HTTPRoute with any content: admission is what is tested, and Gateway API's own definitions come as no package. */
export async function applyRouteKind({ admin, objects, namespace }: BoardPlayer): Promise<void> {
  const group = 'gateway.networking.k8s.io'
  await objects.apply({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `httproutes.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'HTTPRoute', plural: 'httproutes', singular: 'httproute' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
            },
          },
        },
      ],
    },
  })
  // The controller that counts learns of a new kind within half a minute; until then its quota would refuse every route.
  await admin.json(`/api/v1/namespaces/${namespace}/resourcequotas/hunt-objects`, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { spec: { hard: { [`count/httproutes.${group}`]: null } } },
  })
  await until('the new kind', 10, async () => {
    const { status } = await admin.send(`/apis/${group}/v1/namespaces/${namespace}/httproutes`)
    return status === 200
  })
}
