import { stringify } from 'yaml'
import type { Credentials } from './types.ts'

export interface KubeconfigContext {
  /** Such as `hunt-tara`. */
  namespace: string
  credentials: Credentials
}

/** What a player's kubectl and helm read: one context for each namespace, the first is the current one. */
export function writeKubeconfig(
  server: { name: string; url: string; authority: string | undefined },
  contexts: readonly KubeconfigContext[],
): string {
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': contexts[0]?.namespace,
      clusters: [
        {
          name: server.name,
          cluster: {
            server: server.url,
            ...(server.authority !== undefined && { 'certificate-authority-data': server.authority }),
          },
        },
      ],
      contexts: contexts.map(({ namespace }) => ({
        name: namespace,
        context: { cluster: server.name, user: namespace, namespace },
      })),
      users: contexts.map(({ namespace, credentials }) => ({
        name: namespace,
        user: { token: credentials.token },
      })),
    },
    { lineWidth: 0 },
  )
}
