import type { Language } from '../../core/text.ts'

/** What a pusher reads from the forge, beside Git's own words. Git colours `error:` and `hint:` by itself. */
export interface Words {
  manyRefsAtOnce(most: number): string[]
  /** `others`: what else the push moves is taken in. */
  foreignRefs(ref: string, more: number, others: boolean): string[]
  manyRefs(most: number): string[]
  /** What to do, after Git has said what is wrong. */
  manyBytes(mebibytes: number): string[]
  malformed: string[]
  muchWork: string[]
  /** The disk of this server takes nothing in. */
  noRoom: string[]
  /** Beside the name of a ref. */
  stopped: string
  judgedLater: string
  manyRequests: string
  noRepository: string
  /** A token that is right, at the address of another. */
  otherAccount(mine: string, theirs: string): string[]
  hook: Record<HookText, string>
}

/** Templates for `printf`, with the same values in the same order whatever the language. */
type HookText = 'QUOTA' | 'ROOM' | 'FILE' | 'NAME' | 'OBJECTS' | 'UNPACKED' | 'REMOVE' | 'UNMEASURED'

const en: Words = {
  manyRefsAtOnce: (most) => [
    `error: this push moves more than ${most} refs`,
    'hint: push one branch at a time, such as git push origin main',
  ],
  foreignRefs: (ref, more, others) => [
    `error: ${ref}${more > 0 ? ` and ${more} more` : ''} cannot be pushed here${others ? '; the rest of this push is taken in' : ''}`,
    'hint: branches, tags and notes can: refs/heads/…, refs/tags/…, refs/notes/…',
  ],
  manyRefs: (most) => [
    `error: this repository would have more than ${most} refs`,
    'hint: delete some that you do not need, such as git push origin --delete NAME',
  ],
  manyBytes: (mebibytes) => [
    `hint: one push may have ${mebibytes} MiB: leave large files out, or push older commits first`,
  ],
  malformed: [
    'hint: Git refuses this object as malformed or unsafe for whoever clones it (git cat-file -p shows it)',
    'hint: make the commits that hold it again without it, then push',
  ],
  muchWork: [
    'error: this push was not taken in: it was too much work for this server, or the server is stopping',
    'hint: push less at once (one branch, fewer or smaller files), or try again in a moment',
  ],
  noRoom: [
    'error: this push was not taken in: the disk of this server is full or cannot be written; it is on our side',
    'hint: your commits are safe with you: tell the organizers, and push again when there is room',
  ],
  stopped: 'stopped by the server',
  judgedLater: 'hint: your push is in; its verdict will be on the page in a few minutes',
  manyRequests: 'Too many requests at once. Try again in a moment.',
  noRepository: 'There is no such repository.',
  otherAccount: (mine, theirs) => [
    `This token is ${mine}’s, and the address is ${theirs}’s.`,
    `Run the same once more and give a token of ${theirs}’s, or take ${mine}’s own address from the page.`,
  ],
  hook: {
    QUOTA: 'error: this repository would take %d MiB; it may take %d MiB',
    ROOM: 'hint: push fewer or smaller files; what nothing uses any more makes room two hours later, a quarter of an hour after you start the stage again',
    FILE: 'error: a file of %d MiB (%s); one file may have %d MiB',
    NAME: 'hint: its name: git rev-list --objects --all | grep %s',
    OBJECTS: 'error: %d objects in one push; %d are taken',
    UNPACKED: 'error: the push unpacks to %d MiB; %d MiB are taken',
    REMOVE: 'hint: remove what is too large from the commits, not only from the last one, then push again',
    UNMEASURED: 'error: this push could not be measured; try again, or push less at once',
  },
}

const fr: Words = {
  manyRefsAtOnce: (most) => [
    `error: ce push déplace plus de ${most} références`,
    'hint: pousse une branche à la fois, par exemple git push origin main',
  ],
  foreignRefs: (ref, more, others) => [
    `error: ${ref}${more > 0 ? ` et ${more} de plus ne peuvent pas être poussés` : ' ne peut pas être poussé'} ici${others ? ' ; le reste de ce push est accepté' : ''}`,
    'hint: les branches, les tags et les notes le peuvent : refs/heads/…, refs/tags/…, refs/notes/…',
  ],
  manyRefs: (most) => [
    `error: ce dépôt aurait plus de ${most} références`,
    'hint: supprime celles dont tu n’as pas besoin, par exemple git push origin --delete NOM',
  ],
  manyBytes: (mebibytes) => [
    `hint: un push peut avoir ${mebibytes} Mio : laisse les gros fichiers de côté, ou pousse d’abord les commits plus anciens`,
  ],
  malformed: [
    'hint: Git refuse cet objet : il est mal formé, ou dangereux pour qui le clone (git cat-file -p le montre)',
    'hint: refais sans lui les commits qui le contiennent, puis pousse',
  ],
  muchWork: [
    'error: ce push n’a pas été accepté : c’était trop de travail pour ce serveur, ou le serveur s’arrête',
    'hint: pousse moins à la fois (une branche, moins de fichiers ou de plus petits), ou réessaie dans un instant',
  ],
  noRoom: [
    'error: ce push n’a pas été accepté : le disque de ce serveur est plein ou ne peut être écrit ; c’est de notre côté',
    'hint: tes commits sont en sûreté chez toi : préviens l’organisation, et repousse quand il y aura de la place',
  ],
  stopped: 'arrêté par le serveur',
  judgedLater: 'hint: ton push est arrivé ; son verdict sera sur la page dans quelques minutes',
  manyRequests: 'Trop de requêtes à la fois. Réessaie dans un instant.',
  noRepository: 'Ce dépôt n’existe pas.',
  otherAccount: (mine, theirs) => [
    `Ce jeton est celui de ${mine}, et l’adresse est celle de ${theirs}.`,
    `Relance la même commande et donne un jeton de ${theirs}, ou prends sur la page l’adresse de ${mine}.`,
  ],
  hook: {
    QUOTA: 'error: ce dépôt prendrait %d Mio ; il peut en prendre %d',
    ROOM: 'hint: pousse moins de fichiers, ou de plus petits ; ce qui ne sert plus fait de la place deux heures plus tard, un quart d’heure après que tu as recommencé l’étape',
    FILE: 'error: un fichier de %d Mio (%s) ; un fichier peut avoir %d Mio',
    NAME: 'hint: son nom : git rev-list --objects --all | grep %s',
    OBJECTS: 'error: %d objets dans un seul push ; %d sont acceptés',
    UNPACKED: 'error: ce push se décompresse en %d Mio ; %d Mio sont acceptés',
    REMOVE:
      'hint: retire ce qui est trop grand des commits, pas seulement du dernier, puis pousse de nouveau',
    UNMEASURED: 'error: ce push n’a pas pu être mesuré ; réessaie, ou pousse moins à la fois',
  },
}

export const words: Readonly<Record<Language, Words>> = { en, fr }

/** The environment by which the pre-receive hook speaks. */
export function hookTexts({ hook }: Words, say: (line: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(hook).map(([key, text]) => [`SHAMBHALA_SAY_${key}`, say(text)]))
}
