import type { Registry } from '../../board/registry/types.ts'

/** `registry load`: each argument is a folder, or `name[:tag]=folder`. */
export async function loadFolders(
  registry: Registry,
  folders: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  for (const one of folders) {
    const [, name = '', folder = one] = /^([^=/]+(?:\/[^=/]+)*)=(.+)$/.exec(one) ?? []
    for (const { name: loaded, digest, uploaded } of await registry.load(folder, name))
      say(`${registry.host}/${loaded}  ${digest}  ${uploaded} blobs uploaded`)
  }
}
