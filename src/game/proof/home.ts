import { join } from 'node:path'

/** What a script of a proof finds in its home beside its work, and what its environment tells. */
export interface ProofHome {
  /** Contents by path below the home. */
  files: Record<string, string>
  variables: Record<string, string>
}

export interface RegistryAccess {
  host: string
  /** The player's, such as `registry.example.org/tara`. */
  path: string
  plainHttp: boolean
  slug: string
  token: string
}

/**
 * A home in which clients of the registry are logged in already, as `docker login` leaves it. What they build stays in it, so that
 * a proof leaves nothing on the machine; vfs and chroot work wherever buildah and podman run at all.
 */
export function registryHome(
  { host, path, plainHttp, slug, token }: RegistryAccess,
  home: string,
): ProofHome {
  const auth = Buffer.from(`${slug}:${token}`).toString('base64')
  const login = '.docker/config.json'
  const storage = '.config/containers/storage.conf'
  const places = {
    driver: 'vfs',
    graphroot: join(home, '.containers'),
    runroot: join(home, '.containers-run'),
  }
  const line = ([key, value]: [string, string]) => `${key} = ${JSON.stringify(value)}`
  return {
    files: {
      [login]: JSON.stringify({ auths: { [host]: { auth } } }),
      [storage]: ['[storage]', ...Object.entries(places).map(line), ''].join('\n'),
      '.config/containers/registries.conf': plainHttp
        ? `[[registry]]\nlocation = ${JSON.stringify(host)}\ninsecure = true\n`
        : '',
    },
    variables: {
      SHAMBHALA_REGISTRY: host,
      SHAMBHALA_REGISTRY_PATH: path,
      ...(plainHttp && { SHAMBHALA_REGISTRY_PLAIN: 'yes' }),
      BUILDAH_ISOLATION: 'chroot',
      CONTAINERS_STORAGE_CONF: join(home, storage),
      // Helm keeps log-ins of its own otherwise.
      HELM_REGISTRY_CONFIG: join(home, login),
      REGISTRY_AUTH_FILE: join(home, login),
    },
  }
}
