import { keptPort, type ControlPlane } from './control-plane.ts'
import { machine } from './machine.ts'
import { applyObjects } from './objects.ts'
import { startDetached, waitFor, type Started } from './processes.ts'
import { tool } from './tools.ts'

export interface Ingress {
  className: string
  address: string
  httpPort: number
  httpsPort: number
  process: Started
}

/** Where players are told to call, unless something else listens there. */
const usual = { http: 8081, https: 8444 }

/** Traefik as a process of the node; from there it reaches pods past all policies, as the ingress controller of a board may. */
export async function startIngress(
  { kubeconfig }: ControlPlane,
  { dir, keep, everywhere }: { dir: string; keep: string; everywhere: boolean },
): Promise<Ingress> {
  const className = 'hunt'
  const { address } = machine
  const [bound, listening] = everywhere ? ['0.0.0.0', ''] : [address, address]
  await applyObjects(kubeconfig, [ingressClass(className)])
  const [httpPort, httpsPort] = [
    await keptPort(keep, 'http', bound, everywhere ? usual.http : 0),
    await keptPort(keep, 'https', bound, everywhere ? usual.https : 0),
  ]
  const flags = [
    '--global.checknewversion=false',
    '--global.sendanonymoususage=false',
    `--entrypoints.web.address=${listening}:${httpPort}`,
    `--entrypoints.websecure.address=${listening}:${httpsPort}`,
    '--entrypoints.websecure.http.tls=true',
    '--providers.kubernetesingress=true',
    `--providers.kubernetesingress.ingressclass=${className}`,
    `--providers.kubernetesingress.ingressendpoint.ip=${address}`,
    '--providers.providersthrottleduration=200ms',
  ]
  const traefik = await startDetached(dir, 'traefik', [tool('traefik'), ...flags], { KUBECONFIG: kubeconfig })
  const answers = async () => (await fetch(`http://${address}:${httpPort}/`)).status === 404
  await waitFor('Traefik', answers, { process: traefik, dir })
  return { className, address, httpPort, httpsPort, process: traefik }
}

function ingressClass(name: string) {
  const spec = { controller: 'traefik.io/ingress-controller' }
  return { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name }, spec }
}
