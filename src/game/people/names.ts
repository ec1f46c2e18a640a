import { parseName } from '../../core/names.ts'
import { Refusal } from '../../lib/errors.ts'

/** The name of a person or a player as it is kept, or a refusal that says what is wrong with it. */
export function validName(text: string): string {
  const parsed = parseName(text)
  if ('name' in parsed) return parsed.name
  const { fault, ...about } = parsed
  const place = 'character' in parsed ? `${parsed.character} (character ${parsed.position})` : ''
  const reasons = {
    short: 'A name has at least 2 characters.',
    long: 'A name has at most 32 characters.',
    marks: 'A name has at most 3 marks on one letter. Take some off.',
    letters: 'A name has at least one letter or digit.',
    invisible: `Nobody would see ${place} in this name. Take it out, or type the name anew.`,
    joiner: `${place} joins nothing where it stands in this name. Take it out, or type the name anew.`,
    characters: `${place} cannot be shown in a name. Take it out: letters, digits, spaces and usual punctuation can.`,
  }
  throw new Refusal(422, `name-${fault}`, reasons[fault], about)
}

export function taken(name: string): Refusal {
  return new Refusal(
    409,
    'name-taken',
    `Somebody plays as “${name}” already, or under a name that looks the same. Choose another.`,
  )
}

/** Two who take the same name in the same instant: the schema lets one in. A slug that was lost so is chosen again. */
export async function unlessTaken<T>(name: string, work: () => Promise<T>, tries = 5): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code, constraint_name: constraint } = error as { code?: string; constraint_name?: string }
    if (code === '23505' && constraint?.endsWith('skeleton_key')) throw taken(name)
    if (code === '23505' && constraint === 'players_slug_key' && tries > 1)
      return await unlessTaken(name, work, tries - 1)
    throw error
  }
}
