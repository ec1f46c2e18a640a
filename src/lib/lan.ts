import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const linksOfLinux = '/sys/class/net'
/** Of macOS, which tells of no hardware behind a name. */
const virtual = /^(?:anpi|ap|awdl|bridge|gif|llw|stf|tap|tun|utun|vmenet|vmnet)\d*$/

/**
 * Those of a machine's network interfaces that lead out of it: network cards, and bridges, bonds and VLANs that carry one; not those
 * that connect it with its own containers and virtual machines, and no tunnels. All of them where none does, as within a container.
 * `links`: where the kernel tells of them.
 */
export function outwardInterfaces(names: readonly string[], links = linksOfLinux): string[] {
  const outward = names.filter((name) => (existsSync(links) ? carriesCard(name, links) : !virtual.test(name)))
  return outward.length > 0 ? outward : [...names]
}

function carriesCard(name: string, links: string, depth = 0): boolean {
  const folder = join(links, name)
  // An alias such as eth0:1 is the card's.
  if (!existsSync(folder)) return name.includes(':') && carriesCard(name.split(':')[0] ?? '', links, depth)
  if (existsSync(join(folder, 'device'))) return true
  const lower = readdirSync(folder).flatMap((entry) => /^lower_(.+)$/.exec(entry)?.[1] ?? [])
  return depth < 5 && lower.some((below) => carriesCard(below, links, depth + 1))
}
