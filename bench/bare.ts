import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { parse } from 'yaml'

/** What an API server is asked through with nothing of ours around it: an agent with a kubeconfig's certificates. */
export function bareAgent(kubeconfig: string): Agent {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: { cluster: Record<string, string> }[]
    users: { user: Record<string, string> }[]
  }
  const bytes = (text: string | undefined) => Buffer.from(text ?? '', 'base64')
  const [{ cluster } = { cluster: {} }] = clusters
  const [{ user } = { user: {} }] = users
  return new Agent({
    keepAlive: true,
    ca: bytes(cluster['certificate-authority-data']),
    cert: bytes(user['client-certificate-data']),
    key: bytes(user['client-key-data']),
  })
}
