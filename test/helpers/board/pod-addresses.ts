import { watch } from 'node:fs'
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

// The API server shows a pod's address about a second after the pod has started to use it. Plugins of real boards have the
// policies in force before; so this one, last in the chain of CNI, asks the enforcer and waits for its answer.

const plugin = 'hunt-policies'
export const policyStep = { type: plugin }

const questionsIn = (dir: string) => join(dir, 'new-pods')

/** A folder of plugins for containerd: those of the machine and ours. */
export async function installPlugins(dir: string, machines: string): Promise<string> {
  const folder = join(dir, 'plugins')
  await mkdir(folder)
  await mkdir(questionsIn(dir), { recursive: true })
  for (const name of await readdir(machines)) await symlink(join(machines, name), join(folder, name))
  await writeFile(join(folder, plugin), scriptFor(questionsIn(dir)), { mode: 0o755 })
  return folder
}

/** Ends with an error when the enforcer is silent: rather no pod than one without policies. */
function scriptFor(questions: string): string {
  return `#!/bin/sh
file="${questions}/$CNI_CONTAINERID"
case "$CNI_COMMAND" in
VERSION) echo '{"cniVersion":"0.4.0","supportedVersions":["0.4.0"]}' ;;
ADD)
  printf '%s' "$CNI_ARGS" >"$file.args"
  cat >"$file.part"
  mv "$file.part" "$file.asked"
  tries=0
  while [ ! -e "$file.told" ]; do
    tries=$((tries + 1))
    if [ $tries -gt 400 ]; then
      echo '{"cniVersion":"0.4.0","code":11,"msg":"the policies of the test board are not enforced"}'
      exit 1
    fi
    sleep 0.025
  done
  cat "$file.told" ;;
DEL) rm -f "$file.args" "$file.part" "$file.asked" "$file.told" ;;
esac
`
}

export interface PodAddresses {
  /** The address that the pod has just been given; undefined where we were not asked. */
  of(namespace: string, name: string): string | undefined
  /** Lets start the pods whose addresses are among those that the policies in force know. */
  settle(known: ReadonlySet<string>): Promise<void>
}

interface Question {
  address: string
  /** What the plugins before us said, which we pass on. */
  result: unknown
  id: string
}

/** Calls `moved` for each new pod. */
export async function watchAddresses(dir: string, moved: () => void): Promise<PodAddresses> {
  const folder = questionsIn(dir)
  await mkdir(folder, { recursive: true })
  const addresses = new Map<string, string>()
  const open = new Map<string, Question>()
  const read = async (file: string) => {
    const id = file.slice(0, -'.asked'.length)
    const asked = JSON.parse(await readFile(join(folder, file), 'utf8')) as Asked
    const args = new URLSearchParams(
      (await readFile(join(folder, `${id}.args`), 'utf8')).replaceAll(';', '&'),
    )
    const address = asked.prevResult.ips.find((ip) => ip.address.includes('.'))?.address.split('/')[0] ?? ''
    addresses.set(`${args.get('K8S_POD_NAMESPACE')}/${args.get('K8S_POD_NAME')}`, address)
    open.set(id, { id, address, result: asked.prevResult })
    moved()
  }
  watch(folder, (_event, file) => {
    if (!file?.endsWith('.asked')) return
    void read(file).catch((error: unknown) => {
      // The file goes with its pod, which is told as a change, too.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') console.error(String(error))
    })
  })
  return {
    of: (namespace, name) => addresses.get(`${namespace}/${name}`),
    async settle(known) {
      for (const { id, address, result } of open.values()) {
        if (!known.has(address)) continue
        open.delete(id)
        await writeFile(join(folder, `${id}.answer`), JSON.stringify(result))
        await rename(join(folder, `${id}.answer`), join(folder, `${id}.told`))
      }
    },
  }
}

interface Asked {
  prevResult: { ips: { address: string }[] }
}
