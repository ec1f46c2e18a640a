import { existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { packageRoot } from '../../../src/lib/root.ts'

const assets = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

/**
 * A program of the test board: from the folder that `SHAMBHALA_TOOLS` names, else from `.tools/`, which `make tools`
 * fills, else from PATH.
 */
export function toolPath(name: string): string | undefined {
  const folders = [
    process.env['SHAMBHALA_TOOLS'],
    join(packageRoot(), '.tools'),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  return folders
    .flatMap((folder) => (folder ? [join(folder, name)] : []))
    .find((path) => existsSync(path) && statSync(path).isFile())
}

/** A program of the control plane with the arguments that select it; `KUBEBUILDER_ASSETS` is honoured. */
export function controlPlaneCommand(name: string): [string, ...string[]] | undefined {
  const folder = process.env['KUBEBUILDER_ASSETS']
  if (folder && existsSync(join(folder, name))) return [join(folder, name)]
  const box = toolPath('kubebox')
  if (box) return [box, name]
  const own = toolPath(name)
  return own ? [own] : undefined
}

/** Why tests that need these programs cannot run here; false where they can. In CI nothing may be lacking: there they run and fail. */
export function lacksTools(...names: string[]): string | false {
  const missing = names.filter((name) =>
    assets.includes(name) ? !controlPlaneCommand(name) : !toolPath(name),
  )
  if (missing.length === 0 || process.env['CI'] === 'true') return false
  return `no ${missing.join(', ')}: run "make tools", or name a folder that has them by SHAMBHALA_TOOLS=…`
}

/** The path of a program that must be there. */
export function tool(name: string): string {
  const path = toolPath(name)
  if (!path) throw new Error(`There is no ${name}: run "make tools".`)
  return path
}

export const lacksControlPlane = (): string | false => lacksTools(...assets, 'openssl')
