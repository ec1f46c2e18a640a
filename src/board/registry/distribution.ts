import { posix } from 'node:path'
import { stringify } from 'yaml'
import { deriveKey, hmac } from '../../lib/secrets.ts'
import { certificates, keySet, type IssuerKey } from './keys.ts'
import { issuerName } from './token.ts'
import type { ConfigurationFile, RegistryPlacing } from './types.ts'

/** Uploads that nobody ends take room: they go after a day. */
const purging = { enabled: true, age: '24h', interval: '6h', dryrun: false }

/** All that a CNCF Distribution needs to be the hunt's registry, in its versions 2.8 and 3. */
export function distributionFiles(
  { service, keys, secret }: { service: string; keys: readonly IssuerKey[]; secret: string },
  placing: RegistryPlacing,
): ConfigurationFile[] {
  const there = (name: string) => posix.join(placing.folder, name)
  const token = { realm: placing.realm, service, issuer: issuerName }
  const two = { ...token, rootcertbundle: there('cert.pem') }
  const three = { ...token, jwks: there('jwks.json'), signingalgorithms: ['ES256'] }
  const uploads = hmac(deriveKey(secret, 'registry-uploads'), service).toString('hex')
  const config = (auth: object) => stringify({ ...common(placing, uploads), auth: { token: auth } })
  return [
    { name: 'jwks.json', content: `${JSON.stringify(keySet(keys), null, 2)}\n`, secret: false },
    { name: 'cert.pem', content: certificates(keys), secret: false },
    { name: 'distribution-2.yml', content: config(two), secret: true },
    { name: 'distribution-3.yml', content: config(three), secret: true },
  ]
}

function common({ listen, storage, hook }: RegistryPlacing, secret: string): object {
  return {
    version: '0.1',
    // With more, it writes the key of notifications into its log.
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: storage },
      delete: { enabled: true },
      maintenance: { uploadpurging: purging },
    },
    // Relative, so that one registry serves by the name of the laptop and by that of the node.
    http: { addr: listen, relativeurls: true, secret },
    // Layers that lie elsewhere would be fetched from wherever their author says.
    validation: { manifests: { urls: { deny: ['.*'] } } },
    notifications: {
      endpoints: [
        {
          name: 'shambhala',
          url: hook.url,
          headers: { Authorization: [`Bearer ${hook.key}`] },
          timeout: '2s',
          threshold: 3,
          backoff: '1s',
          ignore: { actions: ['pull'] },
        },
      ],
    },
  }
}
