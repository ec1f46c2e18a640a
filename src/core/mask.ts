import type { ParamSpec } from './challenge.ts'

const hidden = '•••'
/** Shorter values would blacken words that have nothing to do with them. */
const shortest = 4

/** Hides a challenge's secrets from the player to whom they belong. */
export interface Mask {
  /** What templates are given: parameters that are not public are dots, however short. */
  params: Readonly<Record<string, string | number>>
  /** Hides secrets in a text wherever they stand, also where the player wrote them. */
  text(text: string): string
}

export function maskFor(
  specs: Readonly<Record<string, ParamSpec>>,
  params: Readonly<Record<string, string | number>>,
): Mask {
  const isSecret = (name: string) => specs[name]?.public !== true
  const secrets = Object.entries(params)
    .filter(([name]) => isSecret(name))
    .map(([, value]) => String(value))
    .filter((secret) => secret.length >= shortest)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    // A secret may stand in a longer one.
    .sort((a, b) => b.length - a.length)
  return {
    params: Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, isSecret(name) ? hidden : value]),
    ),
    text: (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, hidden), text),
  }
}
