import { existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { packageRoot } from '../../../src/lib/root.ts'
import { howToGet, inKubebox } from './origins.ts'

/**
 * A program of the test board: from the folder that `SHAMBHALA_TOOLS` names, else from `.tools/`, which `make tools`
 * fills, else from PATH.
 */
export function toolPath(name: string): string | undefined {
  return toolFolders()
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path) && statSync(path).isFile())
}

/** A PATH on which shells find the same programs. */
export function searchPath(): string {
  return toolFolders().join(delimiter)
}

function toolFolders(): string[] {
  const own = [process.env['SHAMBHALA_TOOLS'], join(packageRoot(), '.tools')]
  const usual = (process.env['PATH'] ?? '/usr/bin:/bin').split(delimiter)
  return [...own, ...usual].flatMap((folder) => folder || [])
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
    inKubebox.includes(name) ? !controlPlaneCommand(name) : !toolPath(name),
  )
  if (missing.length === 0 || process.env['CI'] === 'true') return false
  return `no ${missing.join(', ')}: ${howToGet(missing)}`
}

/** The path of a program that must be there. */
export function tool(name: string): string {
  const path = toolPath(name)
  if (!path) throw new Error(`There is no ${name}: ${howToGet([name])}.`)
  return path
}

export const lacksControlPlane = (): string | false =>
  lacksTools('etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'openssl')
