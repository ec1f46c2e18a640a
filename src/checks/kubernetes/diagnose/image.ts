import type { Problem } from '../../../core/problem.ts'
import type { NamespaceContents } from '../namespace-contents.ts'
import { brief } from '../words.ts'
import { problem } from './make.ts'

/** Waiting reasons that are about the image. */
export const imageReasons = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
]

/** `registry.example.org:5000/a/b:1.0@sha256:…` in its parts; `latest` where no tag is said. */
export function imageParts(image: string): { repository: string; tag: string } {
  const [named = ''] = image.split('@')
  const colon = named.lastIndexOf(':')
  const hasTag = colon > named.lastIndexOf('/')
  return {
    repository: (hasTag ? named.slice(0, colon) : named).replace(/^(docker\.io\/)?(library\/)?/, ''),
    tag: hasTag ? named.slice(colon + 1) : 'latest',
  }
}

/** `said`: the container runtime's words; containerd says `not found` of a repository and of a tag alike. */
export function imageProblem(
  { object, container, image, reason }: { object: string; container: string; image: string; reason: string },
  said: string,
  contents: NamespaceContents,
): Problem {
  const name = brief(image, 300)
  const details = { container, image: name, message: brief(said) }
  if (reason === 'InvalidImageName')
    return problem(
      'image-name-invalid',
      object,
      {
        en: `${object}: “${name}” is not the name of an image.`,
        fr: `${object} : « ${name} » n’est pas un nom d’image.`,
      },
      details,
    )
  if (/no match for platform|no matching manifest|no image found in (image index|manifest list)/i.test(said))
    return wrongPlatform(object, name, details)
  const { repository, tag } = imageParts(image)
  const tags = knownTags(repository, contents).filter((one) => one !== tag)
  if (tags.length > 0 || /manifest unknown/i.test(said))
    return wrongTag(object, { repository, tag, tags }, details)
  if (/\b(401|403)\b|unauthorized|forbidden|pull access denied|insufficient_scope|denied:/i.test(said))
    return refused(object, name, details)
  if (
    /no such host|connection refused|timeout|timed out|x509|tls:|\b5\d\d\b|no route to host|deadline exceeded/i.test(
      said,
    )
  )
    return unreachable(object, name, said, details)
  const never = reason === 'ErrImageNeverPull'
  const other = causes.find(({ pattern }) => pattern.test(said))
  if (other && !never) return notPulled(object, name, other, details)
  return problem(
    'image-not-found',
    object,
    {
      en: `${object}: there is no image ${name}${never ? ' on the node, and its pull policy is Never' : ''}. Is its name right, and its tag?`,
      fr: `${object} : l’image ${name} n’existe pas${never ? ' sur le nœud, et sa pull policy est Never' : ''}. Son nom est-il juste, et son tag ?`,
    },
    details,
  )
}

/** What else keeps an image from being pulled, though it is there. */
const causes: readonly { pattern: RegExp; ours: boolean; en: string; fr: string }[] = [
  {
    pattern: /no space left on device/i,
    ours: true,
    en: 'the disk of the node is full',
    fr: 'le disque du nœud est plein',
  },
  {
    pattern: /toomanyrequests|too many requests|rate limit|\b429\b/i,
    ours: true,
    en: 'the registry lets nobody pull more for now',
    fr: 'le registre ne laisse plus tirer pour l’instant',
  },
  {
    pattern:
      /(unsupported|unexpected|invalid|unknown) (media ?type|layer|config|manifest)|application\/vnd\.(cncf|oci\.(empty|artifact))/i,
    ours: false,
    en: 'it is no image but a chart or something else; push an image under that name, or name another one',
    fr: 'ce n’est pas une image mais un chart ou autre chose ; pousse une image sous ce nom, ou nommes-en une autre',
  },
]

function notPulled(
  object: string,
  image: string,
  { en, fr, ours }: (typeof causes)[number],
  details: Record<string, string>,
): Problem {
  return problem(
    'image-not-pulled',
    object,
    {
      en: `${object}: the image ${image} cannot be pulled: ${en}.`,
      fr: `${object} : l’image ${image} ne peut pas être tirée : ${fr}.`,
    },
    details,
    { ours, heals: ours },
  )
}

function wrongPlatform(object: string, image: string, details: Record<string, string>): Problem {
  return problem(
    'wrong-platform',
    object,
    {
      en: `${object}: the image ${image} is there, but not for the processor of the node. Build it for that platform, mostly with \`docker build --platform linux/amd64\`, and push it again.`,
      fr: `${object} : l’image ${image} existe, mais pas pour le processeur du nœud. Construis-la pour cette plateforme, en général avec \`docker build --platform linux/amd64\`, et pousse-la de nouveau.`,
    },
    details,
  )
}

function wrongTag(
  object: string,
  { repository, tag, tags }: { repository: string; tag: string; tags: string[] },
  details: Record<string, string>,
): Problem {
  const known = brief(tags.slice(0, 5).join(', '), 200)
  const place = brief(repository, 255)
  return problem(
    'wrong-tag',
    object,
    {
      en: `${object}: the image ${place} has no tag ${brief(tag, 128)}${known && `; in this namespace it is known as ${known}`}.`,
      fr: `${object} : l’image ${place} n’a pas de tag ${brief(tag, 128)}${known && ` ; dans ce namespace elle est connue comme ${known}`}.`,
    },
    { ...details, tag: brief(tag, 128), tags: known },
  )
}

function refused(object: string, image: string, details: Record<string, string>): Problem {
  return problem(
    'registry-refuses',
    object,
    {
      en: `${object}: the registry does not let the cluster pull ${image}. Either it is not there, or a pull Secret is missing or wrong.`,
      fr: `${object} : le registre ne laisse pas le cluster tirer ${image}. Soit elle n’y est pas, soit un Secret de tirage manque ou est faux.`,
    },
    details,
  )
}

/** A host that nobody knows was written by the player; one that is known but does not answer is the board's to mend. */
function unreachable(object: string, image: string, said: string, details: Record<string, string>): Problem {
  const unknown = /no such host/i.test(said)
  return problem(
    'registry-unreachable',
    object,
    unknown
      ? {
          en: `${object}: the registry in the image name ${image} does not exist.`,
          fr: `${object} : le registre nommé dans l’image ${image} n’existe pas.`,
        }
      : {
          en: `${object}: the registry of ${image} does not answer.`,
          fr: `${object} : le registre de ${image} ne répond pas.`,
        },
    details,
    unknown ? {} : { heals: true, ours: true },
  )
}

/** Tags under which the namespace's pods run this repository, or earlier revisions named it. */
function knownTags(repository: string, { pods, workloads, replaced }: NamespaceContents): string[] {
  const ran = [...pods, ...replaced.pods].flatMap(({ status }) =>
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
      .filter((one) => one.imageID !== '')
      .map((one) => one.image),
  )
  const earlier = [...workloads, ...replaced.workloads]
    .filter(({ kind, status }) => kind === 'ReplicaSet' && (status?.readyReplicas ?? 0) > 0)
    .flatMap(({ spec }) => spec.template?.spec.containers.map((one) => one.image ?? '') ?? [])
  const tags = [...ran, ...earlier]
    .map(imageParts)
    .filter((one) => one.repository === repository)
    .map(({ tag }) => tag)
  return [...new Set(tags)]
}
