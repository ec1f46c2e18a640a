import type { Problem } from '../../../core/problem.ts'
import type { NamespaceContents } from '../namespace-contents.ts'
import type { StatusOf } from '../pods.ts'
import type { Container, ContainerStatus, KubeEvent, Pod, Probe } from '../shapes.ts'
import { brief } from '../words.ts'
import { cannotStart, endedProblem } from './ended.ts'
import { imageProblem, imageReasons } from './image.ts'
import { problem } from './make.ts'
import { absent } from './references.ts'

export interface Sight {
  object: string
  pod: Pod
  contents: NamespaceContents
  /** Of this pod, oldest first. */
  events: readonly KubeEvent[]
}

/** Why one container does not run, or runs without being ready. */
export function containerProblem(sight: Sight, { one: status, init, sidecar }: StatusOf): Problem | null {
  const { pod, object } = sight
  const spec = (init ? pod.spec.initContainers : pod.spec.containers)?.find((one) => one.name === status.name)
  const { waiting, running, terminated } = status.state ?? {}
  const endsWell = init && !sidecar
  const reason = waiting?.reason ?? ''
  if (imageReasons.includes(reason)) {
    const image = spec?.image ?? status.image
    return imageProblem(
      { object, container: status.name, image, reason },
      saidOfImage(sight, waiting),
      sight.contents,
    )
  }
  if (reason === 'CreateContainerConfigError') return configProblem(sight, status, waiting?.message ?? '')
  if (['RunContainerError', 'CreateContainerError'].includes(reason))
    return cannotStart(object, detailsOf(sight, status, waiting?.message))
  const ended = terminated ?? status.lastState?.terminated
  const failed =
    ended && (status.restartCount > 0 || ended.exitCode !== 0) && !(endsWell && ended.exitCode === 0)
  if (failed && !(running && isSteady(running.startedAt, sight.contents.now)))
    return endedProblem({
      object,
      pod: pod.metadata.name,
      status,
      ended,
      log: sight.contents.logs.get(`${pod.metadata.name}/${status.name}`) ?? '',
      memory: spec?.resources?.limits?.['memory'],
      liveness: complaint(sight, status.name, 'Liveness'),
    })
  if (running && !status.ready && !endsWell) return notReady(sight, status, spec)
  return null
}

/** A program that has run for this long has got over what ended it before. */
const steadyMs = 60_000

function isSteady(startedAt: string | undefined, now: number): boolean {
  return now - Date.parse(startedAt ?? '') > steadyMs
}

function detailsOf({ pod }: Sight, { name }: ContainerStatus, message: string | undefined) {
  return { pod: pod.metadata.name, container: name, message: brief(message) }
}

/** While it backs off, the kubelet may leave the cause to the events. */
function saidOfImage({ events }: Sight, waiting: { message?: string } | undefined): string {
  const pulls = events.filter(
    ({ reason, message }) => reason === 'Failed' && /pull|image/i.test(message ?? ''),
  )
  return `${waiting?.message ?? ''} ${pulls.at(-1)?.message ?? ''}`.slice(0, 4000)
}

function configProblem(sight: Sight, status: ContainerStatus, message: string): Problem {
  const { object } = sight
  const [, kind, name] = /(configmap|secret) "([^"]+)" not found/.exec(message) ?? []
  if (kind !== undefined && name !== undefined)
    return absent(object, kind === 'secret' ? 'Secret' : 'ConfigMap', name)
  const details = detailsOf(sight, status, message)
  if (/runAsNonRoot/.test(message))
    return problem(
      'runs-as-root',
      object,
      {
        en: `${object}: container ${status.name} may not run as root, but its image would (or names its user by name): set securityContext.runAsUser to a number above 0.`,
        fr: `${object} : le conteneur ${status.name} ne doit pas tourner en root, mais son image le ferait (ou nomme son utilisateur par un nom) : mets dans securityContext.runAsUser un nombre au-dessus de 0.`,
      },
      details,
    )
  return cannotStart(object, details)
}

/** What a probe said last of this container. */
function complaint(
  sight: Sight,
  container: string,
  probe: 'Readiness' | 'Liveness' | 'Startup',
): string | undefined {
  const said = sight.events
    .filter(({ reason, involvedObject: { fieldPath } }) => {
      const own =
        fieldPath === undefined ||
        (/^spec\.(initC|c)ontainers\{/.test(fieldPath) && fieldPath.endsWith(`{${container}}`))
      return own && reason === 'Unhealthy'
    })
    .map(({ message = '' }) => message)
    .filter((message) => message.startsWith(`${probe} probe`))
    .at(-1)
  return said === undefined ? undefined : brief(said.replace(/^\w+ probe (failed|errored)[^:]*: /, ''), 300)
}

function notReady(sight: Sight, status: ContainerStatus, spec: Container | undefined): Problem | null {
  const startup = complaint(sight, status.name, 'Startup')
  const said = startup ?? complaint(sight, status.name, 'Readiness')
  if (said === undefined) return null
  const probe = startup === undefined ? 'readiness' : 'startup'
  const at = probeTarget(startup === undefined ? spec?.readinessProbe : spec?.startupProbe)
  return problem(
    'readiness-failing',
    sight.object,
    {
      en: `${sight.object}: container ${status.name} runs, but its ${probe} probe${at && ` (${at})`} fails: ${said}`,
      fr: `${sight.object} : le conteneur ${status.name} tourne, mais sa ${probe} probe${at && ` (${at})`} échoue : ${said}`,
    },
    { ...detailsOf(sight, status, said), probe: at },
    { heals: true },
  )
}

function probeTarget(probe: Probe | undefined): string {
  const { httpGet, tcpSocket, grpc, exec } = probe ?? {}
  if (httpGet) return brief(`GET ${httpGet.path ?? '/'} port ${httpGet.port}`, 200)
  if (tcpSocket) return brief(`TCP port ${tcpSocket.port}`, 200)
  if (grpc) return `gRPC port ${grpc.port}`
  return exec ? brief(exec.command?.join(' '), 200) : ''
}
